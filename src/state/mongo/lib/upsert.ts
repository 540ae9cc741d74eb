import { MongoBulkWriteError, type AnyBulkWriteOperation, type Collection, type Document } from 'mongodb'
import { duplicateKey } from '../../../adapters/mongo/lib/errors.ts'

const DUPLICATE = 11_000

/**
 * Runs an upsert again where another process has inserted the document in between: the server itself does so only where
 * the filter is the id alone. A second refusal is thrown: the document is there, and does not match the filter.
 */
export async function upsertAgain<T>(upsert: () => Promise<T>): Promise<T> {
  try {
    return await upsert()
  } catch (error) {
    if (duplicateKey(error) === null) throw error
    return upsert()
  }
}

/**
 * The same for many upserts, in any order. Returns the indexes of those whose document is there and does not match the
 * filter: nothing was written for them.
 */
export async function upsertMany<T extends Document>(
  collection: Collection<T>,
  upserts: readonly AnyBulkWriteOperation<T>[],
): Promise<Set<number>> {
  const refused = await refusedOf(collection, upserts)
  if (refused.length === 0) return new Set()
  const again = await refusedOf(
    collection,
    refused.flatMap((index) => upserts[index] ?? []),
  )
  return new Set(again.flatMap((index) => refused[index] ?? []))
}

async function refusedOf<T extends Document>(
  collection: Collection<T>,
  upserts: readonly AnyBulkWriteOperation<T>[],
): Promise<number[]> {
  try {
    await collection.bulkWrite(upserts, { ordered: false })
    return []
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error
    const errors = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors]
    if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE)) throw error
    return errors.map(({ index }) => index)
  }
}
