import { setTimeout as sleep } from 'node:timers/promises'
import { patience } from './patience.ts'

/**
 * Waits until `look` returns a value other than null, undefined or false, and returns it; `what` names that value in
 * the error of a time-out. It waits `timeoutMs`, and longer in CI.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  timeoutMs = 45_000,
  stepMs = 50,
): Promise<T> {
  const waitMs = patience(timeoutMs)
  const until = Date.now() + waitMs
  let last: unknown
  for (;;) {
    try {
      const found = await look()
      if (found !== null && found !== undefined && found !== false) return found
    } catch (error) {
      last = error
    }
    if (Date.now() > until) throw new Error(`not within ${waitMs / 1_000} s: ${what}`, { cause: last })
    await sleep(stepMs)
  }
}
