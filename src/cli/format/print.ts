import Table from 'cli-table3'
import pc from 'picocolors'
import type { Problem } from '../../contracts/problems.ts'
import { NO_TENANT, type PersonRef, type System } from '../../contracts/systems.ts'
import type { SignupStatus } from '../../contracts/signup.ts'
import { findWord, vocabularyOf } from '../../contracts/vocabulary.ts'
import type { SignupColumn } from '../../contracts/words.ts'
import { endsSignup } from '../../domain/problems.ts'
import { printableIn } from '../../domain/text/printable.ts'
import { moreLine } from './more.ts'
import { counted } from '../../contracts/text/counted.ts'

const NO_BORDERS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((part) => [part, part === 'middle' ? '  ' : '']),
)

/** Each cell is one line: a line end in a value is escaped, so that no value makes a row of its own. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({
    head: head.map((word) => pc.bold(word)),
    chars: NO_BORDERS,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  for (const row of rows) drawn.push(row.map(oneLine))
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/**
 * Colours stay: they were added after the value was made printable, and the output function removes all other
 * sequences.
 */
function oneLine(cell: string): string {
  return cell.replaceAll(/[\r\n]/g, (end) => (end === '\n' ? String.raw`\n` : String.raw`\r`))
}

export function signupTable(system: System, signups: readonly SignupStatus[]): string {
  const columns = Object.entries(vocabularyOf(system).columns ?? {}) as [SignupColumn, string][]
  return table(
    ['PERSON', 'STAGE', 'SINCE', ...columns.map(([, head]) => head), 'WAITING FOR'],
    printableIn(signups).map((status) => [
      identityCell(status.identity),
      coloured(status.stage, status.problem !== null),
      relativeTime(status.stageSince),
      ...columns.map(([name]) => status[name] ?? '-'),
      waitingForText(status),
    ]),
  )
}

/** The reason why a signup waits, in a few words: a problem, a rate limit, or the person. */
function waitingForText({ system, stage, problem, waitingFor }: SignupStatus): string {
  if (problem !== null) return `${problem.name}, ${relativeTime(problem.since)}`
  if (waitingFor) return `${waitingFor.name}, continues ${relativeTime(waitingFor.until)}`
  return findWord('steps', system, stage)?.waitsFor ?? '-'
}

/** A table has to fit a terminal; other programs get every identity in full. */
const LONGEST_ID = 48

/** An identity as a table cell: at a terminal a long one is shortened in the middle. */
export function identityCell(identity: string, atTerminal = process.stdout.isTTY): string {
  if (!atTerminal || identity.length <= LONGEST_ID) return identity
  const end = LONGEST_ID / 3
  return `${identity.slice(0, LONGEST_ID - end - 1)}…${identity.slice(-end)}`
}

/** An identity with its tenant, if its system has any. */
export function personText({ identity, tenant }: PersonRef): string {
  return tenant === NO_TENANT ? identity : `${identity} (${tenant})`
}

/** One person's signup on a few lines: its stage, why it is blocked, what to do. */
export function signupText(status: SignupStatus): string {
  const { identity, tenant, stage, stageSince, code, handle, did, problem, notices, workflowId } =
    printableIn(status)
  const facts: [string, string | null][] = [
    ['person', personText({ identity, tenant })],
    ['stage', `${coloured(stage, problem !== null)}, ${relativeTime(stageSince)}`],
    ['code', code],
    ['handle', handle],
    ['did', did],
    ['workflow', workflowId],
  ]
  const lines = facts.flatMap(([name, value]) => (value === null ? [] : `${name.padEnd(9)} ${value}`))
  if (problem !== null) {
    lines.push(
      '',
      `${pc.red(problem.name)}: ${problem.sentence}`,
      problemAge(problem),
      `${pc.bold('What to do:')} ${problem.fix}`,
      ...moreLine([problem.name]),
    )
  }
  return [...lines, ...notices.map((notice) => `\n${pc.yellow('Notice:')} ${notice}`)].join('\n')
}

/** The age of a problem, with attempts and the next retry, which are not known where no worker answered. */
function problemAge({ name, since, attempts, nextTryAt }: Problem): string {
  const age = `Since ${relativeTime(since)}`
  if (nextTryAt === null && !endsSignup(name)) return `${age}.`
  return `${age}, ${counted(attempts, 'round')} of attempts, ${nextRetryText(nextTryAt)}.`
}

function nextRetryText(at: string | null): string {
  if (at === null) return 'not retried automatically'
  return Date.parse(at) > Date.now() ? `next retry ${relativeTime(at)}` : 'being retried now'
}

function coloured(stage: string, blocked: boolean): string {
  if (blocked) return pc.red(stage)
  return stage === 'completed' ? pc.green(stage) : pc.yellow(stage)
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const
const WORDS = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'narrow' })

/** `3m ago`, `in 20s`. */
export function relativeTime(time: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(time) - now) / 1_000)
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS[3]
  return WORDS.format(Math.trunc(seconds / size), unit)
}
