import { OutsideError } from '../../domain/outside-error.ts'
import { rateLimitResetAt } from '../../domain/retries/rate-limit.ts'

/**
 * Methods whose limit counts by the address in the call, not by the caller: a used-up limit says nothing about other
 * addresses.
 */
const COUNTED_BY_PERSON = new Set(['com.atproto.server.createSession'])

/** One process's knowledge of a PDS's rate limits. */
export interface PdsGate {
  /** Throws `pds-rate-limited`, with the time of the reset, while the PDS accepts no more calls of this method. */
  check(method: string): void
  /** Records a 429, or a limit that this call has just used up. */
  note(method: string, answer: Response): void
}

/**
 * A rate limit that one call has met applies to all calls after it: they fail at once, without a request, and wait for
 * the same reset.
 */
export function createPdsGate(now: () => number = Date.now): PdsGate {
  const closedUntil = new Map<string, number>()
  return {
    check(method) {
      const until = closedUntil.get(method) ?? 0
      if (until <= now()) return
      throw new OutsideError('pds-rate-limited', `the PDS: pds-rate-limited for ${method}`, {
        detail: { answer: 'its rate limit is used up' },
        retryAt: new Date(until),
      })
    },
    note(method, { status, headers }) {
      if (COUNTED_BY_PERSON.has(method)) return
      if (status === 429 || headers.get('ratelimit-remaining') === '0')
        closedUntil.set(method, limitReset(headers, now()).getTime())
    },
  }
}

/** The PDS sends epoch seconds in `ratelimit-reset`; a proxy before it may send a delay, or only `retry-after`. */
export function limitReset(headers: Headers, now = Date.now()): Date {
  return rateLimitResetAt([headers.get('ratelimit-reset'), headers.get('retry-after')], now)
}
