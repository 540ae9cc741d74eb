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

/** `holdfast_switches`. */
export function createSwitches(db: Db, system: System): Switches {
  const switches = db.collection<SwitchDocument>(COLLECTION)
  const runningUntil = new Map<PausableWork, number>()
  const idOf = (what: PausableWork): string => (what === 'creations' ? system : `${system}/${what}`)

  const paused = async (what: PausableWork = 'creations'): Promise<Pause | null> =>
    shown(await callMongo(COLLECTION, 'find', () => switches.findOne({ _id: idOf(what) })))

  return {
    pauseOf: paused,

    async pause(by, reason, what = 'creations') {
      const set = await callMongo(COLLECTION, 'update', () =>
        switches.findOneAndUpdate(
          { _id: idOf(what) },
          { $setOnInsert: { pausedAt: new Date(), by, reason } },
          { upsert: true, returnDocument: 'after' },
        ),
      )
      await sleep(CACHED_MS) // until no worker has "not paused" in its cache
      return shown(set) ?? { since: new Date().toISOString(), by, reason }
    },

    resume: async (what = 'creations') =>
      shown(await callMongo(COLLECTION, 'delete', () => switches.findOneAndDelete({ _id: idOf(what) }))),

    async assertNotPaused(what = 'creations') {
      const now = Date.now()
      if ((runningUntil.get(what) ?? 0) > now) return
      const pause = await paused(what)
      if (pause === null) {
        runningUntil.set(what, now + CACHED_MS)
        return
      }
      const { since, by, reason } = pause
      throw new OutsideError(PROBLEM[what], `${idOf(what)} is paused`, {
        detail: { since, by, ...(reason === null ? {} : { reason }) },
      })
    },
  }
}

function shown(found: SwitchDocument | null): Pause | null {
  return found === null ? null : { since: found.pausedAt.toISOString(), by: found.by, reason: found.reason }
}
