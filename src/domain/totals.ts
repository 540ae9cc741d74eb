import { LONGEST, TIME_BUCKETS } from './time-buckets.ts'

/** A count of one hour or day. */
interface Counted {
  readonly name: string
  readonly key: string
  readonly at: string
  readonly count: number
}

/** The totals of a whole period. */
export interface TotalSums {
  readonly begun: number
  /** Runs that ended, by outcome. */
  readonly ended: Readonly<Record<string, number>>
  /** How often a signup began to fail, by problem. */
  readonly blocked: Readonly<Record<string, number>>
  /** Signups that completed for the first time, by the bucket of the time that they took. */
  readonly times: Readonly<Record<string, number>>
  /** The gaps of the last audit in the period, by kind; those of none are left out. */
  readonly gaps: Readonly<Record<string, number>>
}

export function sumTotals(totals: readonly Counted[]): TotalSums {
  const lastAudit = totals.findLast(({ name }) => name === 'gaps')?.at
  const of = (name: string): Record<string, number> => {
    const sums: Record<string, number> = {}
    for (const total of totals)
      if (total.name === name) sums[total.key] = (sums[total.key] ?? 0) + total.count
    return sums
  }
  const gaps = totals.filter(({ name, at, count }) => name === 'gaps' && at === lastAudit && count > 0)
  return {
    begun: of('begun')['all'] ?? 0,
    ended: of('signups'),
    blocked: of('blocked'),
    times: of('times'),
    gaps: Object.fromEntries(gaps.map(({ key, count }) => [key, count])),
  }
}

/**
 * The upper bound, in seconds, of the bucket within which this share of the signups completed; null without any, or
 * where it took longer than the last bound.
 */
export function timeWithin(times: Readonly<Record<string, number>>, share: number): number | null {
  const all = [...TIME_BUCKETS.map(String), LONGEST].reduce((sum, key) => sum + (times[key] ?? 0), 0)
  let within = 0
  for (const bound of TIME_BUCKETS) {
    within += times[String(bound)] ?? 0
    if (all > 0 && within >= all * share) return bound
  }
  return null
}
