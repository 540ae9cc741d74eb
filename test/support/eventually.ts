import { setTimeout as sleep } from 'node:timers/promises'

const STEP_MS = 50

/** Waits until `look` returns something other than null, undefined or false, and returns that; `what` names it when it never comes. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  timeoutMs = 45_000,
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
    await sleep(STEP_MS)
  }
}
