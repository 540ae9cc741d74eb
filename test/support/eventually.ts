import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until `look` returns a value other than null, undefined or false, and returns it; `what` names that value in
 * the error of a time-out.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  timeoutMs = 45_000,
  stepMs = 50,
): Promise<T> {
  const until = Date.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const found = await look()
      if (found !== null && found !== undefined && found !== false) return found
    } catch (error) {
      last = error
    }
    if (Date.now() > until) throw new Error(`not within ${timeoutMs / 1_000} s: ${what}`, { cause: last })
    await sleep(stepMs)
  }
}
