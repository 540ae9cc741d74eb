import { throwIfCancelled } from '../activities/lib/cancellation.ts'
import type { Sections } from '../config.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { Switches } from '../state/ports/switches.ts'

/**
 * The effect of a call on other systems. `creates` begins or repairs something and is refused while the system is
 * paused; `writes` records what is known, or completes what was begun, and continues; `keeps` is an audit's own data in
 * one of Holdfast's collections, allowed in every mode.
 */
export type CallEffect = 'reads' | 'writes' | 'creates' | 'keeps'

/** The effect of every call of a part: a new one does not compile until it is listed. */
export type CallEffects<T> = {
  readonly [M in keyof T as T[M] extends (...args: never[]) => Promise<unknown> ? M : never]: CallEffect
}

/** Called before every call that is not a read; if it throws, the call is not made. */
export type WriteGuard = (act: 'writes' | 'creates') => Promise<void>

/** The same part, with which nothing is written that the guard refuses, nor by an activity that has timed out. */
export function withWriteGuard<T extends object>(guard: WriteGuard, part: T, effects: CallEffects<T>): T {
  const kinds: Readonly<Record<string, CallEffect>> = effects
  const methods = Object.entries(part) as [string, (...args: unknown[]) => Promise<unknown>][]
  return Object.fromEntries(
    methods.map(([name, method]) => {
      const act = kinds[name] ?? 'writes'
      if (act === 'reads') return [name, method]
      return [
        name,
        async (...args: unknown[]) => {
          if (act !== 'keeps') await guard(act)
          throwIfCancelled()
          return method(...args)
        },
      ]
    }),
  ) as T
}

/** For `HOLDFAST_MODE=observe`: refuses every write before the call is made. */
const refuseWrites: WriteGuard = () =>
  Promise.reject(new OutsideError('observing', 'refused: HOLDFAST_MODE=observe'))

/** The guard of a worker: nothing is written in observe mode, and nothing new is begun while the system is paused. */
export function writeGuard(mode: Sections['mode'], switches: Pick<Switches, 'assertNotPaused'>): WriteGuard {
  if (mode === 'observe') return refuseWrites
  return async (act) => {
    if (act === 'creates') await switches.assertNotPaused()
  }
}
