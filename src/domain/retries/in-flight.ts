/**
 * Upper bound, in milliseconds, on how long in-flight activities can still write after their workflow was terminated:
 * the longest a step may last, plus the last call it began. `records`: a short step on the database; `account`: a call
 * to the PDS, longer than which no step lasts.
 */
export const IN_FLIGHT_DRAIN_MS = { nothing: 0, records: 40_000, account: 75_000 } as const
