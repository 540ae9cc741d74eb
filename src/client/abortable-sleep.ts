import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for `ms` milliseconds, or until `signal` aborts, which is a normal end and no failure. */
export async function abortableSleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
