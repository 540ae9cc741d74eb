/** The upper bounds, in seconds, of the buckets in which the times to complete a signup are counted. Never changed. */
export const TIME_BUCKETS = [5, 15, 60, 300, 900, 3_600, 14_400, 86_400, 604_800] as const

/** The bucket of everything that took longer than the last bound. */
export const LONGEST = '+Inf'

/** The name of the bucket to which a time belongs: its upper bound in seconds, or `+Inf`. */
export function timeBucket(seconds: number): string {
  const bound = TIME_BUCKETS.find((upTo) => seconds <= upTo)
  return bound === undefined ? LONGEST : String(bound)
}
