import type { Db } from 'mongodb'
import type { System } from '../../../contracts/systems.ts'
import { createExpiry } from '../../../adapters/mongo/lib/expiry.ts'
import { duplicateKey, callMongo } from '../../../adapters/mongo/lib/errors.ts'
import { ownDocuments } from '../lib/own-documents.ts'
import type { SeenEvents } from '../../ports/seen-events.ts'

const COLLECTION = 'holdfast_events'
/** Longer than Auth0 repeats a delivery. */
const KEEP_MS = 7 * 24 * 3_600_000

interface SeenDocument {
  _id: string
  /** Missing in documents of earlier versions. */
  system?: System | null
  expiresAt: Date
}

export function createSeenEvents(db: Db, system: System): SeenEvents {
  const { idOf, nameOf, own } = ownDocuments(system)
  const keyOf = (tenant: string, id: string): string => idOf(`${tenant}/${id}`)
  const seen = db.collection<SeenDocument>(COLLECTION, {
    writeConcern: { w: 1, journal: false },
    readConcern: { level: 'local' },
  })
  const expire = createExpiry(seen)

  return {
    async known(tenant, ids) {
      if (ids.length === 0) return new Set()
      const found = await callMongo(COLLECTION, 'find', () =>
        seen
          .find({ _id: { $in: ids.map((id) => keyOf(tenant, id)) }, ...own }, { batchSize: ids.length + 1 })
          .toArray(),
      )
      return new Set(found.map(({ _id }) => nameOf(_id).slice(tenant.length + 1)))
    },

    async record(tenant, ids) {
      if (ids.length === 0) return
      const expiresAt = new Date(Date.now() + KEEP_MS)
      await callMongo(COLLECTION, 'insert', async () => {
        try {
          await seen.insertMany(
            ids.map((id) => ({ _id: keyOf(tenant, id), system, expiresAt })),
            { ordered: false },
          )
        } catch (error) {
          if (duplicateKey(error) === null) throw error // recorded by another delivery at the same time
        }
        await expire()
      })
    },
  }
}
