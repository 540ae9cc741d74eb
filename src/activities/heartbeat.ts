import { asyncLocalStorage } from '@temporalio/activity'

/** Several to each heartbeat timeout. */
export const BEAT_MS = 2_000

/**
 * Tells Temporal every two seconds that the step still runs. A worker that died is then noticed within the step's
 * `heartbeatTimeout`, not when the step's whole time is up.
 */
export function heartbeating<A extends unknown[], R>(
  activity: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    const beat = setInterval(() => asyncLocalStorage.getStore()?.heartbeat(), BEAT_MS)
    try {
      return await activity(...args)
    } finally {
      clearInterval(beat)
    }
  }
}
