import type { Db } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { ownDocuments } from './lib/own-documents.ts'
import { upsertAgain } from './lib/upsert.ts'
import type { Ignored } from '../ports/ignored.ts'

const COLLECTION = 'holdfast_ignored'

interface IgnoredDocument {
  _id: string
  system: System | null
  tenant: string
  reason: string
  since: Date
  until: Date
}

/**
 * `holdfast_ignored`: test accounts and the like. After the end of the time the person counts again, with or without
 * the TTL index.
 */
export function createIgnored(db: Db, system: System, now: () => Date = () => new Date()): Ignored {
  const ignored = db.collection<IgnoredDocument>(COLLECTION)
  const { idOf, nameOf, own } = ownDocuments(system)
  return {
    add: ({ identity, ...rest }) =>
      callMongo(COLLECTION, 'update', async () => {
        await ignored.deleteMany({ until: { $lt: now() }, ...own })
        await upsertAgain(() =>
          ignored.updateOne(
            { _id: idOf(identity), ...own },
            { $set: { ...rest, system }, $setOnInsert: { since: now() } },
            { upsert: true },
          ),
        )
      }),
    drop: async (identity) => {
      const { deletedCount } = await callMongo(COLLECTION, 'delete', () =>
        ignored.deleteOne({ _id: idOf(identity), ...own }),
      )
      return deletedCount > 0
    },
    list: () =>
      callMongo(COLLECTION, 'find', async () => {
        const found = await ignored
          .find({ until: { $gt: now() }, ...own })
          .sort({ until: 1 })
          .toArray()
        return found.map(({ _id, tenant, reason, since, until }) => ({
          identity: nameOf(_id),
          tenant,
          reason,
          since: since.toISOString(),
          until: until.toISOString(),
        }))
      }),
  }
}
