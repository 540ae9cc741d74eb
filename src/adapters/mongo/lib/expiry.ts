import { MongoServerError, type Collection, type Document } from 'mongodb'
import { memoizeSuccess } from './memoize-success.ts'

/**
 * Makes documents expire at their `expiresAt`. The server deletes them by a TTL index, which is created once per
 * process; where the role may not create it, every call deletes the expired documents.
 */
export function createExpiry<T extends Document & { expiresAt: Date }>(
  collection: Collection<T>,
): () => Promise<void> {
  const index = memoizeSuccess(() => collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 }))
  return async () => {
    try {
      await index()
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error
      await (collection as unknown as Collection<{ expiresAt: Date }>).deleteMany({
        expiresAt: { $lt: new Date() },
      })
    }
  }
}
