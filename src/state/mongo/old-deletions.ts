import type { Db } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { ownDocuments } from './lib/own-documents.ts'
import { upsertAgain } from './lib/upsert.ts'
import { createExpiry } from '../../adapters/mongo/lib/expiry.ts'
import type { OldDeletion, OldDeletions } from '../ports/old-deletions.ts'

const COLLECTION = 'holdfast_old_deletions'
const KEEP_MS = 90 * 24 * 3_600_000

interface OldDeletionDocument {
  _id: string
  /** Missing in documents of earlier versions. */
  system?: System | null
  tenant: string
  deletedAt: Date
  notedAt: Date
  expiresAt: Date
}

/**
 * `holdfast_old_deletions`: deletions in the provider's log that are older than this installation. They are recorded
 * and not carried out, since the records under such an id may belong to a person who was created afterwards.
 */
export function createOldDeletions(db: Db, system: System): OldDeletions {
  const { idOf, nameOf, own } = ownDocuments(system)
  const deletions = db.collection<OldDeletionDocument>(COLLECTION)
  const expire = createExpiry(deletions)
  return {
    record: ({ identity, tenant, deletedAt }) =>
      callMongo(COLLECTION, 'update', async () => {
        const now = new Date()
        await upsertAgain(() =>
          deletions.updateOne(
            { _id: idOf(identity), ...own },
            {
              $setOnInsert: { system, tenant, notedAt: now, expiresAt: new Date(now.getTime() + KEEP_MS) },
              $max: { deletedAt },
            },
            { upsert: true },
          ),
        )
        await expire()
      }),
    count: (tenant) => callMongo(COLLECTION, 'find', () => deletions.countDocuments({ tenant, ...own })),
    list: (tenant) =>
      callMongo(COLLECTION, 'find', async () =>
        (
          await deletions
            .find({ tenant, ...own })
            .sort({ deletedAt: 1 })
            .toArray()
        ).map(({ _id, deletedAt }): OldDeletion => ({ identity: nameOf(_id), tenant, deletedAt })),
      ),
    async remove(identity) {
      await callMongo(COLLECTION, 'delete', () => deletions.deleteOne({ _id: idOf(identity), ...own }))
    },
  }
}
