import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import type { PausableWork, Pause, Switches } from '../ports/switches.ts'

const COLLECTION = 'holdfast_switches'

/** How long "not paused" is cached. "Paused" is looked up each time, since callers then wait and are few. */
const CACHED_MS = 1_000

interface SwitchDocument {
  /** The system; for deletions `<system>/deletions`. */
  _id: string
  pausedAt: Date
  by: string
  reason: string | null
}

const PROBLEM = { creations: 'paused', deletions: 'deletions-paused' } as const

function idOf(system: System, what: PausableWork): string {
  return what === 'creations' ? system : `${system}/${what}`
}

/** Durable switches that every worker obeys within a second. */
export function createSwitches(db: Db): Switches {
  const switches = db.collection<SwitchDocument>(COLLECTION)
  const runningUntil = new Map<string, number>()

  const paused = async (system: System, what: PausableWork = 'creations'): Promise<Pause | null> =>
    shown(await callMongo(COLLECTION, 'find', () => switches.findOne({ _id: idOf(system, what) })))

  return {
    pauseOf: paused,

    async pause(system, by, reason, what = 'creations') {
      const set = await callMongo(COLLECTION, 'update', () =>
        switches.findOneAndUpdate(
          { _id: idOf(system, what) },
          { $setOnInsert: { pausedAt: new Date(), by, reason } },
          { upsert: true, returnDocument: 'after' },
        ),
      )
      await sleep(CACHED_MS) // until no worker has "not paused" in its cache
      return shown(set) ?? { since: new Date().toISOString(), by, reason }
    },

    resume: async (system, what = 'creations') =>
      shown(
        await callMongo(COLLECTION, 'delete', () => switches.findOneAndDelete({ _id: idOf(system, what) })),
      ),

    async assertNotPaused(system, what = 'creations') {
      const now = Date.now()
      const id = idOf(system, what)
      if ((runningUntil.get(id) ?? 0) > now) return
      const pause = await paused(system, what)
      if (pause === null) {
        runningUntil.set(id, now + CACHED_MS)
        return
      }
      const { since, by, reason } = pause
      throw new OutsideError(PROBLEM[what], `${id} is paused`, {
        detail: { since, by, ...(reason === null ? {} : { reason }) },
      })
    },
  }
}

function shown(found: SwitchDocument | null): Pause | null {
  return found === null ? null : { since: found.pausedAt.toISOString(), by: found.by, reason: found.reason }
}
