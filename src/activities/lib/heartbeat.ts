import { asyncLocalStorage } from '@temporalio/activity'

/** Several for each heartbeat time-out: the worker sends one at least every three seconds (`worker/run.ts`). */
export const HEARTBEAT_INTERVAL_MS = 2_000

/**
 * Heartbeats every two seconds while the activity runs. The death of a worker is then detected within the activity's
 * `heartbeatTimeout`, not when its whole time is up.
 */
export function withHeartbeat<A extends unknown[], R>(
  activity: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    const context = asyncLocalStorage.getStore()
    const beat = setInterval(() => context?.heartbeat(), HEARTBEAT_INTERVAL_MS)
    try {
      return await activity(...args)
    } finally {
      clearInterval(beat)
    }
  }
}
