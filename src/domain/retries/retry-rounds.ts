import type { ProblemName } from '../../contracts/problems.ts'
import type { ProblemDetail } from '../outside-error.ts'
import { isRateLimit, rateLimitOf, MAX_RATE_LIMIT_WAIT_MS } from './rate-limit.ts'
import { retryDelay } from './retry-delay.ts'

/** Waits between the quick attempts of one round; when the last attempt fails, the problem is published. */
const QUICK_WAITS_MS = [1_000, 3_000] as const
/**
 * A step that is not attempted, since its dependency is known to be unavailable, shows that problem after this time.
 */
const SHOWN_AFTER_MS = 10_000
/** Rate-limit waits longer than this are shown as a notice. */
const NOTICE_AFTER_MS = 60_000
/** A rate limit becomes a problem after this time. */
const LONG_RATE_LIMIT_MS = 24 * 3_600_000

/** One failure of a step, as far as the next attempt depends on it. */
export interface StepFailure {
  readonly problem: ProblemName
  readonly detail: ProblemDetail
  /** ISO 8601; set where the dependency named the time of its reset. */
  readonly retryAt: string | null
  /** Whether another attempt may succeed. */
  readonly retryable: boolean
  /** No attempt was made: its dependency did not answer another call a moment ago. */
  readonly notAsked: boolean
}

export interface NextAttempt {
  /** Milliseconds to wait before it. */
  readonly waitMs: number
  /** `quick`: an attempt within the round, not visible outside. `turn`: a notice, since it is not a problem. */
  readonly shownAs: 'quick' | 'turn' | 'quiet' | 'problem'
  readonly problem: ProblemName
  readonly detail: ProblemDetail
  /** When the step began to fail, ISO 8601. */
  readonly since: string
  /** Whether a round of attempts was used up. */
  readonly usesRound: boolean
}

export interface RetryRounds {
  /**
   * The next attempt after a failure. `rounds`: how many were used up before, which makes the wait grow. `random` is
   * from 0 up to 1.
   */
  next(failure: StepFailure, rounds: number, now: number, random: number): NextAttempt
  /** An operator, or `watch`, requested the next attempt: waits start from the shortest again. */
  restart(): void
  /** Since when the step has been rate-limited, ISO 8601, for the run that continues this one; null where it is not. */
  limitedSince(): string | null
}

/**
 * The retry policy of a step. A round is three quick attempts, after which its problem is published and the back-off
 * grows. Neither a rate limit nor a call that was not made uses up an attempt.
 */
export function createRetryRounds(limitedBefore: string | null = null): RetryRounds {
  let tries = 0
  let notAsked = 0
  let failingSince: number | null = null
  let limitedSince = limitedBefore === null ? null : Date.parse(limitedBefore)

  return {
    limitedSince: () => (limitedSince === null ? null : iso(limitedSince)),
    restart: () => void (notAsked = 0),
    next({ problem, detail, retryAt, retryable, notAsked: uncalled }, rounds, now, random) {
      failingSince ??= now
      const next = { problem, detail, since: iso(failingSince), usesRound: false }
      const until = retryAt === null ? 0 : Date.parse(retryAt) - now

      if (uncalled) {
        notAsked += 1
        const wait = Math.max(until, retryDelay(notAsked, random))
        return { ...next, waitMs: wait, shownAs: now - failingSince < SHOWN_AFTER_MS ? 'quiet' : 'problem' }
      }

      if (retryAt !== null) {
        const wait = withJitter(
          Number.isNaN(until) ? MAX_RATE_LIMIT_WAIT_MS : Math.min(until, MAX_RATE_LIMIT_WAIT_MS),
          random,
        )
        const turn = { ...next, waitMs: wait, shownAs: wait > NOTICE_AFTER_MS ? 'turn' : 'quiet' } as const
        if (!isRateLimit(problem)) return turn
        limitedSince ??= now
        if (now - limitedSince < LONG_RATE_LIMIT_MS) return turn
        const since = iso(limitedSince)
        return {
          ...turn,
          shownAs: 'problem',
          problem: 'rate-limit-lasting',
          detail: { of: rateLimitOf(problem), since },
          since,
          usesRound: true,
        }
      }

      limitedSince = null
      notAsked = 0
      const quick = retryable ? QUICK_WAITS_MS[tries] : undefined
      tries = quick === undefined ? 0 : tries + 1
      return quick === undefined
        ? { ...next, waitMs: retryDelay(rounds + 1, random), shownAs: 'problem', usesRound: true }
        : { ...next, waitMs: Math.round(quick * (1 + random / 5)), shownAs: 'quick' }
    },
  }
}

/**
 * A jitter of up to two seconds and a tenth of the wait, so that not all workflows that wait for one reset retry at it.
 */
function withJitter(ms: number, random: number): number {
  return Math.round(Math.max(ms, 1_000) * (1 + random / 10) + random * 1_000)
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
