import type { Collection } from 'mongodb'
import { callMongo } from './errors.ts'

export const DELETE_BATCH_SIZE = 10_000

/** Deletes some of the documents whose ids begin with `<audit>/`. True when no others are left. */
export function deleteBatch<T extends { _id: string }>(
  collection: Collection<T>,
  audit: string,
): Promise<boolean> {
  return callMongo(collection.collectionName, 'delete', async () => {
    const [end] = await collection
      .find({ _id: idsOfAudit(audit) } as object, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .skip(DELETE_BATCH_SIZE - 1)
      .limit(1)
      .toArray()
    const batch = end === undefined ? idsOfAudit(audit) : { $gt: `${audit}/`, $lte: end._id }
    await collection.deleteMany({ _id: batch } as object)
    return end === undefined
  })
}

/** '0' is the character after '/'. */
export function idsOfAudit(audit: string): { $gt: string; $lt: string } {
  return { $gt: `${audit}/`, $lt: `${audit}0` }
}
