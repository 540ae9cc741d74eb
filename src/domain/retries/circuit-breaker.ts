/** The state of the dependency that a failed call shows: no answer, an answer (such as a refusal), or unknown. */
export type CallOutcome = 'no-answer' | 'answer' | 'unknown'

export interface CircuitBreaker {
  /**
   * Makes a call, or throws what `rejection` makes, without the call, while the dependency is known not to answer. Once
   * the pause is over, one call at a time is let through to try; the others are rejected until it succeeds.
   */
  run<T>(call: () => Promise<T>, kind?: CallKind): Promise<T>
  /**
   * Makes the call even while the circuit is open, and learns from it: for health checks, and for calls that must be
   * tried.
   */
  runAlways<T>(call: () => Promise<T>, kind?: CallKind): Promise<T>
}

export interface CallKind {
  /** Its duration says nothing about the dependency. */
  readonly long?: boolean
  /** It is not used as the trial call while the last failure is recent, since its caller has no time to wait. */
  readonly skipsTrial?: boolean
}

export interface CircuitBreakerOptions {
  readonly outcomeOf: (error: unknown) => CallOutcome
  /** The error for a rejected call; `retryAt` is the time of the next possible call. */
  readonly rejection: (retryAt: Date) => Error
  /** A call that lasts longer counts as unanswered; it continues all the same. Null: no limit. */
  readonly slowMs: number | null
  readonly now?: () => number
}

/** The pause after a failed call doubles from the first to the longest. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 10_000
/** How long a call that skips the trial leaves it to others. */
const TRIAL_LEFT_TO_OTHERS_MS = 60_000

/**
 * One process's knowledge of a dependency: after one unanswered call, later calls fail at once instead of each waiting
 * for its own time-out.
 */
export function createCircuitBreaker({
  outcomeOf,
  rejection,
  slowMs,
  now = Date.now,
}: CircuitBreakerOptions): CircuitBreaker {
  /** Null while closed. */
  let open: { readonly at: number; readonly until: number; readonly pauseMs: number } | null = null
  /** The trial call in flight; replaced when it takes too long. */
  let trying: symbol | null = null

  const fail = (): void => {
    const pauseMs = open === null ? FIRST_PAUSE_MS : Math.min(open.pauseMs * 2, LONGEST_PAUSE_MS)
    open = { at: now(), until: now() + pauseMs, pauseMs }
  }

  /** Runs the call; `tries` says whether it is one whose outcome counts while the circuit is open. */
  const observed = async <T>(call: () => Promise<T>, kind: CallKind, tries: boolean): Promise<T> => {
    const own = Symbol('call')
    if (tries) trying = own
    const began = open
    let counted = false
    const noAnswer = (): void => {
      if (counted) return
      counted = true
      // Calls that began before the circuit opened fail one after another: they are one outage, not many.
      if (tries || open === began) fail()
      if (trying === own) trying = null
    }
    const slow = slowMs === null || kind.long === true ? undefined : setTimeout(noAnswer, slowMs)
    try {
      const result = await call()
      if (tries) open = null
      return result
    } catch (error) {
      const said = outcomeOf(error)
      if (said === 'no-answer') noAnswer()
      if (said === 'answer' && tries) open = null
      throw error
    } finally {
      clearTimeout(slow)
      if (trying === own) trying = null
    }
  }

  return {
    run(call, kind = {}) {
      if (open === null) return observed(call, kind, false)
      const until = kind.skipsTrial === true ? open.at + TRIAL_LEFT_TO_OTHERS_MS : open.until
      if (trying !== null || now() < until)
        return Promise.reject(rejection(new Date(Math.max(open.until, now()))))
      return observed(call, kind, true)
    },
    runAlways: (call, kind = {}) => observed(call, kind, open !== null),
  }
}
