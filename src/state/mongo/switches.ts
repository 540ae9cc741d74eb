import type { Db } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { createPauseSwitches } from '../lib/pause-switches.ts'
import type { PausableWork, Pause, Switches } from '../ports/switches.ts'

const COLLECTION = 'holdfast_switches'

interface SwitchDocument {
  /** The system; for deletions `<system>/deletions`. */
  _id: string
  pausedAt: Date
  by: string
  reason: string | null
}

/** `holdfast_switches`. */
export function createSwitches(db: Db, system: System): Switches {
  const switches = db.collection<SwitchDocument>(COLLECTION)
  const idOf = (what: PausableWork): string => (what === 'creations' ? system : `${system}/${what}`)

  return createPauseSwitches(system, {
    find: async (what) =>
      shown(await callMongo(COLLECTION, 'find', () => switches.findOne({ _id: idOf(what) }))),

    async add(what, by, reason) {
      const set = await callMongo(COLLECTION, 'update', () =>
        switches.findOneAndUpdate(
          { _id: idOf(what) },
          { $setOnInsert: { pausedAt: new Date(), by, reason } },
          { upsert: true, returnDocument: 'after' },
        ),
      )
      return shown(set) ?? { since: new Date().toISOString(), by, reason }
    },

    remove: async (what) =>
      shown(await callMongo(COLLECTION, 'delete', () => switches.findOneAndDelete({ _id: idOf(what) }))),
  })
}

function shown(found: SwitchDocument | null): Pause | null {
  return found === null ? null : { since: found.pausedAt.toISOString(), by: found.by, reason: found.reason }
}
