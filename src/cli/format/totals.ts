import { LONGEST, TIME_BUCKETS } from '../../domain/time-buckets.ts'
import { printableIn } from '../../domain/text/printable.ts'
import { timeWithin, type TotalSums } from '../../domain/totals.ts'
import type { Total } from '../../state/ports/totals.ts'
import { END_STAGES } from '../../contracts/stages.ts'
import { table } from './print.ts'

interface ShownTotals {
  readonly by: 'hour' | 'day'
  readonly from: string
  readonly totals: readonly Total[]
  readonly sums: TotalSums
}

/** A row for each hour or day with any signup, and below what blocked them, how long they took, and the last gaps. */
export function totalsText(shown: ShownTotals): string {
  const { by, from, totals, sums } = printableIn(shown)
  if (totals.length === 0) return `Nothing was counted since ${from}.`
  const periods = [...new Set(totals.map(({ at }) => at))]
  const count = (at: string, name: string, key?: string): string => {
    const found = totals.filter((one) => one.at === at && one.name === name && (key ?? one.key) === one.key)
    return String(found.reduce((sum, one) => sum + one.count, 0))
  }
  const rows = periods.map((at) => [
    by === 'hour' ? `${at.slice(0, 13).replace('T', ' ')}:00` : at.slice(0, 10),
    count(at, 'begun'),
    ...END_STAGES.map((stage) => count(at, 'signups', stage)),
    count(at, 'blocked'),
  ])
  const head = [
    by === 'hour' ? 'HOUR (UTC)' : 'DAY (UTC)',
    'BEGUN',
    ...END_STAGES.map((stage) => stage.toUpperCase()),
    'BLOCKED',
  ]
  return [
    table(head, rows),
    ...timesText(sums.times),
    ...countsTable('BLOCKED BY', sums.blocked),
    ...countsTable('GAP IN THE LAST AUDIT', sums.gaps),
  ].join('\n\n')
}

function timesText(times: Readonly<Record<string, number>>): string[] {
  const all = Object.values(times).reduce((sum, count) => sum + count, 0)
  if (all === 0) return []
  const within = (share: number): string => {
    const bound = timeWithin(times, share)
    return bound === null ? `over ${spanText(TIME_BUCKETS.at(-1) ?? 0)}` : `within ${spanText(bound)}`
  }
  const rows = [...TIME_BUCKETS.map(String), LONGEST].flatMap((key) =>
    times[key] === undefined
      ? []
      : [[key === LONGEST ? 'longer' : `up to ${spanText(Number(key))}`, String(times[key])]],
  )
  return [
    `Time from signing up to complete: half ${within(0.5)}, 95 % ${within(0.95)}.`,
    table(['TIME', 'SIGNUPS'], rows),
  ]
}

function countsTable(head: string, counts: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(counts).toSorted(([, a], [, b]) => b - a)
  return rows.length === 0
    ? []
    : [
        table(
          [head, 'COUNT'],
          rows.map(([key, n]) => [key, String(n)]),
        ),
      ]
}

function spanText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${seconds / 60} min`
  return seconds < 86_400 ? `${seconds / 3_600} h` : `${seconds / 86_400} d`
}
