import pc from 'picocolors'
import type { Diagnosis, BlockedPeople } from '../../contracts/checks.ts'
import { printableIn } from '../../domain/text/printable.ts'
import { checkText } from './check.ts'
import { moreLine } from './more.ts'
import { relativeTime } from './print.ts'
import { countedPeople } from '../../contracts/text/counted.ts'

/** The report in reading order: first the findings, then the blocked signups, then the counts of all records. */
export function diagnosisText(diagnosis: Diagnosis): string {
  const { system, at, check, counts, stages, blocked, rehearsal, notChecked, next } = printableIn(diagnosis)
  return [
    pc.bold(`${system}, ${at}`),
    section('Checks', checkText(check)),
    section('Blocked people', blocked.length === 0 ? 'None.' : blocked.map(blockedText).join('\n\n')),
    section('Signups by stage', stages === null ? 'not counted' : countsText(stages)),
    section('Records and accounts', countsText(counts)),
    section(
      'Rehearsal: all steps of a signup, in a transaction that is rolled back',
      rehearsal.length === 0 ? 'not run' : rehearsal.map(stepText).join('\n'),
    ),
    ...(notChecked.length === 0 ? [] : [section('Could not be read', notChecked.join('\n'))]),
    section(
      'What to do next',
      next.length === 0 ? 'Nothing.' : next.map((fix, index) => `${index + 1}. ${fix}`).join('\n'),
    ),
  ].join('\n\n')
}

function section(title: string, text: string): string {
  return `${pc.bold(title)}\n${text}`
}

function countsText(counts: Readonly<Record<string, number | null>>): string {
  const entries = Object.entries(counts)
  if (entries.length === 0) return 'none'
  return entries.map(([name, count]) => `${name.padEnd(26)} ${count ?? 'not counted'}`).join('\n')
}

function stepText({ name, ok, ms, seen }: Diagnosis['rehearsal'][number]): string {
  return `${ok ? pc.green('✓') : pc.red('✗')} ${name.padEnd(38)} ${`${ms} ms`.padStart(8)}  ${seen}`
}

function blockedText({ problem, sentence, count, since, identities, lastError, fix }: BlockedPeople): string {
  return [
    `${pc.red(problem)}: ${countedPeople(count)}${since === null ? '' : `, the first ${relativeTime(since)} (${since})`}. ${sentence}`,
    `For example: ${identities.join(', ')}`,
    ...(lastError === null ? [] : [`Last error, ${lastError.at}: ${lastError.causes.join(' ← ')}`]),
    `${pc.bold('What to do:')} ${fix}`,
    ...moreLine([problem]),
  ].join('\n')
}
