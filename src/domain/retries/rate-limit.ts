import type { ProblemName } from '../../contracts/problems.ts'
import { anyWord } from '../../contracts/vocabulary.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
/** The longest wait for a rate limit: a later reset time is not trusted, since a try costs only one call. */
export const MAX_RATE_LIMIT_WAIT_MS = 60 * MINUTE_MS
/** The wait for a limit whose reset is already past by its own clock, or by ours. */
const ALREADY_RESET_MS = 5 * SECOND_MS

/** A rate limit is a normal wait: neither a problem nor an alert. */
export function isRateLimit(problem: ProblemName): boolean {
  return anyWord('problems', problem)?.rateLimitOf !== undefined
}

/** Whose rate limit it is, as the subject of a sentence. */
export function rateLimitOf(problem: ProblemName): string {
  return anyWord('problems', problem)?.rateLimitOf ?? 'A dependency'
}

/** Below it a number is a delay in seconds, above it a time since 1970: in seconds, or from the second bound on in milliseconds. */
const EPOCH_SECONDS = 1e9
const EPOCH_MILLISECONDS = 1e11

/**
 * The time at which a rate-limited dependency may be called again. `said` are the headers that may name it, the better
 * one first: a time since 1970 in seconds (the PDS, Auth0) or milliseconds, a delay in seconds (a proxy, the IETF
 * draft), or an HTTP date. Never more than an hour from `now`: if no header can be read, or the time is further away,
 * it is an hour. Without any such header it is a minute.
 */
export function rateLimitResetAt(said: readonly (string | null | undefined)[], now: number): Date {
  const given = said.flatMap((header) => header?.trim() || [])
  if (given.length === 0) return new Date(now + MINUTE_MS)
  const [reset] = given.flatMap((header) => parseReset(header, now) ?? [])
  if (reset === undefined) return new Date(now + MAX_RATE_LIMIT_WAIT_MS)
  return new Date(reset <= now ? now + ALREADY_RESET_MS : Math.min(reset, now + MAX_RATE_LIMIT_WAIT_MS))
}

/** Milliseconds since 1970; null for a value that is neither a number nor an HTTP date. */
function parseReset(header: string, now: number): number | null {
  if (/^\d+(\.\d+)?$/.test(header)) {
    const number = Number(header)
    if (number < EPOCH_SECONDS) return now + number * SECOND_MS
    return number < EPOCH_MILLISECONDS ? number * SECOND_MS : number
  }
  const date = /^[A-Z][a-z]{2,8}, /.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(date) ? null : date
}
