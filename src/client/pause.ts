import { setTimeout as sleep } from 'node:timers/promises'

/** Waits so many milliseconds, or until `signal` says that it is over, which is a way to end and no failure. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
