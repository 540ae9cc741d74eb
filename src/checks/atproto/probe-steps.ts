import { setTimeout as sleep } from 'node:timers/promises'
import { withoutPersonal } from '../../contracts/personal.ts'
import type { ProbeStep, ProbeStepName } from '../../contracts/checks.ts'

const STEP_MS = 250

export interface ProbeSteps {
  readonly done: readonly ProbeStep[]
  /**
   * Repeats `look` until it returns a value, and returns that; null when it does not within the limit. An error of
   * `look` ends the step and counts as its result.
   */
  waitFor(name: ProbeStepName, look: () => Promise<string | null>): Promise<string | null>
}

/** Records the time of each step. `onStep` is called when the wait for it begins. */
export function createProbeSteps(limitMs: number, onStep: (name: ProbeStepName) => void): ProbeSteps {
  const began = performance.now()
  const done: ProbeStep[] = []
  const note = (name: ProbeStepName, ok: boolean, seen: string): void => {
    done.push({ name, ok, atMs: Math.round(performance.now() - began), seen: withoutPersonal(seen) })
  }
  return {
    done,
    async waitFor(name, look) {
      onStep(name)
      const end = performance.now() + limitMs
      try {
        for (;;) {
          const seen = await look()
          if (seen !== null) {
            note(name, true, seen)
            return seen
          }
          if (performance.now() > end) {
            note(name, false, `not within ${Math.round(limitMs / 1_000)} s`)
            return null
          }
          await sleep(STEP_MS)
        }
      } catch (error) {
        note(name, false, error instanceof Error ? error.message : String(error))
        return null
      }
    },
  }
}
