import { OutsideError } from '../domain/outside-error.ts'

const WITHOUT_A_WORD_MS = 60_000

/** These count by the address they carry, not by the caller: one that is used up says nothing about the others. */
const COUNTED_BY_PERSON = new Set(['com.atproto.server.createSession'])

/** What one process knows of a PDS's rate limits. */
export interface PdsGate {
  /** Throws `pds-rate-limited`, with the time of the reset, while the PDS takes no more calls of this method. */
  check(method: string): void
  /** Learns from an answer: a 429, or a limit that this call has just used up. */
  note(method: string, answer: Response): void
}

/**
 * A limit that one call has met is met by all who come after it: they are told so at once, without a call, and wait
 * for the same reset.
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

/** `ratelimit-reset` is a moment in epoch seconds, not a delay; a proxy before the PDS may only say `retry-after`. */
export function limitReset(headers: Headers, now = Date.now()): Date {
  const reset = Number(headers.get('ratelimit-reset'))
  if (Number.isFinite(reset) && reset > 0) return new Date(reset * 1_000)
  const after = headers.get('retry-after') ?? ''
  if (/^\d+$/.test(after)) return new Date(now + Number(after) * 1_000)
  const at = Date.parse(after)
  return new Date(Number.isNaN(at) ? now + WITHOUT_A_WORD_MS : at)
}
