/**
 * How long what a worker has in its hands may still write after its workflow was ended, in milliseconds: above the
 * longest a step may last, with the one call it began before its time was up. `records`: a short step on the database;
 * `account`: a call to the PDS, longer than which no step lasts.
 */
export const UNDER_WAY_MS = { nothing: 0, records: 40_000, account: 75_000 } as const
