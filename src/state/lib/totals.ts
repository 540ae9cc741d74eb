import type { Total } from '../ports/totals.ts'

export const HOUR_MS = 3_600_000
/** An event that is reported again is recognised for this long after its hour began; then its id is deleted. */
export const KNOWN_MS = 2 * HOUR_MS + HOUR_MS
export const KEEP_MS = 400 * 24 * HOUR_MS

/** The beginning of the hour in which this time lies. */
export function hourOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS)
}

/** The gaps of one hour, by the last audit in it. */
export interface GapsOfHour {
  readonly hour: Date
  readonly gaps: readonly { readonly key: string; readonly count: number }[]
}

/** The gaps by hour, or by day: a day has those of its last hour. `hours` are in order of time. */
export function gapTotals(hours: readonly GapsOfHour[], by: 'hour' | 'day'): Total[] {
  const byPeriod = new Map(hours.map((one) => [periodOf(one.hour, by), one])) // a later hour replaces an earlier one
  return [...byPeriod].flatMap(([at, { gaps }]) =>
    gaps.map(({ key, count }) => ({ name: 'gaps' as const, key, at, count })),
  )
}

function periodOf(hour: Date, by: 'hour' | 'day'): string {
  return by === 'hour' ? hour.toISOString() : `${hour.toISOString().slice(0, 10)}T00:00:00.000Z`
}

/** Oldest first, then by name and key. */
export function inOrder(totals: readonly Total[]): Total[] {
  const keyOf = ({ at, name, key }: Total): string => `${at} ${name} ${key}`
  return totals.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
