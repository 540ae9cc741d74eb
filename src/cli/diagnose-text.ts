import pc from 'picocolors'
import type { Diagnosis, StuckPeople } from '../contracts/checks.ts'
import { checkText } from './check-text.ts'
import { ago } from './print.ts'

/** The report as one reads it: what is wrong first, then who stands still, then how many there are of everything. */
export function diagnosisText(diagnosis: Diagnosis): string {
  const { system, at, check, counts, stages, stuck, rehearsal, notSeen, next } = diagnosis
  return [
    pc.bold(`${system}, ${at}`),
    section('Checks', checkText(check)),
    section('People who stand still', stuck.length === 0 ? 'Nobody.' : stuck.map(stuckText).join('\n\n')),
    section('Signups by stage', stages === null ? 'not counted' : countsText(stages)),
    section('Records and accounts', countsText(counts)),
    section(
      'A signup played through our own code, rolled back',
      rehearsal.length === 0 ? 'not played' : rehearsal.map(stepText).join('\n'),
    ),
    ...(notSeen.length === 0 ? [] : [section('What could not be looked at', notSeen.join('\n'))]),
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

function stuckText({ problem, sentence, count, since, identities, lastError, fix }: StuckPeople): string {
  const people = count === 1 ? '1 person' : `${count} people`
  return [
    `${pc.red(problem)}: ${people}${since === null ? '' : `, the first ${ago(since)} (${since})`}. ${sentence}`,
    `Such as: ${identities.join(', ')}`,
    ...(lastError === null ? [] : [`Last error, ${lastError.at}: ${lastError.causes.join(' ← ')}`]),
    `${pc.bold('What to do:')} ${fix}`,
  ].join('\n')
}
