import Table from 'cli-table3'
import pc from 'picocolors'
import type { SignupStatus } from '../contracts/signup.ts'

const NO_BORDERS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((part) => [part, part === 'middle' ? '  ' : '']),
)

export function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({
    head: head.map((word) => pc.bold(word)),
    chars: NO_BORDERS,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  for (const row of rows) drawn.push([...row])
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

export function signupTable(signups: readonly SignupStatus[]): string {
  return table(
    ['PERSON', 'STAGE', 'SINCE', 'CODE', 'HANDLE', 'PROBLEM'],
    signups.map(({ identity, stage, stageSince, code, handle, problem }) => [
      identity,
      coloured(stage, problem !== null),
      ago(stageSince),
      code ?? '-',
      handle ?? '-',
      problem === null ? '-' : `${problem.name}, ${ago(problem.since)}`,
    ]),
  )
}

/** One person's signup on a few lines: where it is, why it stands still, what to do. */
export function signupText(status: SignupStatus): string {
  const { identity, tenant, stage, stageSince, code, handle, did, problem, notices, workflowId } = status
  const facts: [string, string | null][] = [
    ['person', `${identity} (${tenant})`],
    ['stage', `${coloured(stage, problem !== null)}, ${ago(stageSince)}`],
    ['code', code],
    ['handle', handle],
    ['did', did],
    ['workflow', workflowId],
  ]
  const lines = facts.flatMap(([name, value]) => (value === null ? [] : `${name.padEnd(9)} ${value}`))
  if (problem !== null) {
    const next =
      problem.nextTryAt === null ? 'not tried again by itself' : `next try ${ago(problem.nextTryAt)}`
    lines.push(
      '',
      `${pc.red(problem.name)}: ${problem.sentence}`,
      `Since ${ago(problem.since)}, ${rounds(problem.attempts)} of attempts, ${next}.`,
      `${pc.bold('What to do:')} ${problem.fix}`,
    )
  }
  return [...lines, ...notices.map((notice) => `\n${pc.yellow('Notice:')} ${notice}`)].join('\n')
}

function rounds(count: number): string {
  return count === 1 ? '1 round' : `${count} rounds`
}

function coloured(stage: string, troubled: boolean): string {
  if (troubled) return pc.red(stage)
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
export function ago(time: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(time) - now) / 1_000)
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS[3]
  return WORDS.format(Math.trunc(seconds / size), unit)
}
