import { setTimeout as sleep } from 'node:timers/promises'
import type { System } from '../../contracts/systems.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { PausableWork, Pause, Switches } from '../ports/switches.ts'

/** How long "not paused" is cached. "Paused" is looked up each time, since callers then wait and are few. */
const CACHED_MS = 1_000

const PROBLEM = { creations: 'paused', deletions: 'deletions-paused' } as const

/** The stored pauses of a system, one for each kind of work. */
export interface StoredPauses {
  find(what: PausableWork): Promise<Pause | null>
  /** Stores a pause unless there is one; returns the one in force. */
  add(what: PausableWork, by: string, reason: string | null): Promise<Pause>
  /** Returns the pause that it removed; null where there was none. */
  remove(what: PausableWork): Promise<Pause | null>
}

/** The switches of a system: the same rules for every database that stores the pauses. */
export function createPauseSwitches(system: System, pauses: StoredPauses): Switches {
  const runningUntil = new Map<PausableWork, number>()

  return {
    pauseOf: (what = 'creations') => pauses.find(what),

    async pause(by, reason, what = 'creations') {
      const pause = await pauses.add(what, by, reason)
      await sleep(CACHED_MS) // until no worker has "not paused" in its cache
      return pause
    },

    resume: (what = 'creations') => pauses.remove(what),

    async assertNotPaused(what = 'creations') {
      const now = Date.now()
      if ((runningUntil.get(what) ?? 0) > now) return
      const pause = await pauses.find(what)
      if (pause === null) {
        runningUntil.set(what, now + CACHED_MS)
        return
      }
      const { since, by, reason } = pause
      const paused = what === 'creations' ? system : `${system}/${what}`
      throw new OutsideError(PROBLEM[what], `${paused} is paused`, {
        detail: { since, by, ...(reason === null ? {} : { reason }) },
      })
    },
  }
}
