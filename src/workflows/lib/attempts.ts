import type { RetryPolicy } from '@temporalio/common'
import { sleep, TemporalFailure, type ActivityOptions } from '@temporalio/workflow'
import { problemNames } from '../../contracts/problems.ts'
import { retryDelay } from '../../domain/retries/retry-delay.ts'
import { nameFailure } from './named-failure.ts'

/**
 * For local activities: Temporal's own retries would occupy a worker slot through all attempts and the waits between
 * them. The workflow makes the other attempts, spaced by timers.
 */
export const ONE_ATTEMPT = { maximumAttempts: 1 } as const satisfies RetryPolicy

/**
 * For remote activities of a step runner: an activity lost with its worker is retried on another at once, without a
 * workflow task that may wait for the worker that died. A failure with a name goes to the step runner, which makes the
 * other attempts.
 */
export const RETRY_AFTER_WORKER_LOSS = {
  maximumAttempts: 3,
  initialInterval: '500ms',
  backoffCoefficient: 3,
  get nonRetryableErrorTypes() {
    return problemNames()
  },
} as const satisfies RetryPolicy

/**
 * For activities that call an outside system, on its own queue. No limit on the time in the queue: on a rate-limited
 * queue the wait may be long, and that is no failure.
 */
export const OUTSIDE_ACTIVITY = {
  startToCloseTimeout: '60s',
  heartbeatTimeout: '12s', // so that the death of a worker costs only seconds
  retry: RETRY_AFTER_WORKER_LOSS,
} as const satisfies ActivityOptions

export interface AttemptPolicy {
  readonly withAttempts: number
  readonly firstWaitMs: number
  readonly factor: number
  readonly longestWaitMs: number
}

export const QUICK_RETRIES: AttemptPolicy = {
  withAttempts: 3,
  firstWaitMs: 1_000,
  factor: 3,
  longestWaitMs: 3_000,
}

/**
 * Attempts a local activity several times, for workflows that show no problem of their own. The waits are timers, so
 * they occupy no worker slot. Throws the last failure, or the first that no retry would change. A call that a circuit
 * breaker prevented is not counted as an attempt; it is retried with a growing back-off.
 */
export async function attempts<T>(step: () => Promise<T>, policy: AttemptPolicy): Promise<T> {
  let made = 0
  let notAsked = 0
  for (;;) {
    try {
      return await step()
    } catch (error) {
      if (!(error instanceof TemporalFailure)) throw error
      const failure = nameFailure(error)
      if (failure.notAsked) {
        notAsked += 1
        await sleep(retryDelay(notAsked, Math.random()))
        continue
      }
      made += 1
      notAsked = 0
      if (made >= policy.withAttempts || !failure.retryable) throw error
      await sleep(Math.min(policy.firstWaitMs * policy.factor ** (made - 1), policy.longestWaitMs))
    }
  }
}
