import { setTimeout as sleep } from 'node:timers/promises'

const STEP_MS = 250

/** Repeats `ask` until `rests` is true of the answer, for at most `longestMs`; returns the last answer either way. */
export async function pollUntil<T>(
  ask: () => Promise<T>,
  rests: (answer: T) => boolean,
  longestMs: number,
): Promise<T> {
  const end = Date.now() + longestMs
  for (;;) {
    const answer = await ask()
    if (rests(answer) || Date.now() >= end) return answer
    await sleep(STEP_MS)
  }
}
