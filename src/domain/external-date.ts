/** Auth0 began in 2013; none of its dates can be older. */
const EARLIEST_MS = Date.UTC(2012, 0, 1)
/** The difference that two correct clocks may have. */
const SKEW_MS = 5 * 60_000

/**
 * A date from outside, never later than its arrival. Null where there is none, or an impossible one: invalid text, or a
 * year before the provider existed.
 */
export function clampedDate(told: string | null | undefined, arrivedAt: Date): Date | null {
  const at = Date.parse(told ?? '')
  if (Number.isNaN(at) || at < EARLIEST_MS) return null
  return new Date(Math.min(at, arrivedAt.getTime()))
}

/**
 * The same for a date that is stored permanently, such as the year in a user code: also null for a date in the future,
 * since the provider can be queried for the right one.
 */
export function plausibleDate(told: string | null | undefined, arrivedAt: Date): Date | null {
  return Date.parse(told ?? '') > arrivedAt.getTime() + SKEW_MS ? null : clampedDate(told, arrivedAt)
}
