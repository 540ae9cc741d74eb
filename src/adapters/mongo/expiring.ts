import { MongoServerError, type Collection, type Document, type Filter } from 'mongodb'

/**
 * Keeps a collection's `expiresAt` true: the server's work by a TTL index, asked for once a process, and ours where
 * the role may not create it.
 */
export function expiring<T extends Document & { expiresAt: Date }>(
  collection: Collection<T>,
): (now: Date) => Promise<void> {
  let indexed: Promise<unknown> | null = null
  return async (now) => {
    indexed ??= collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })
    try {
      await indexed
    } catch (error) {
      indexed = null
      if (!(error instanceof MongoServerError)) throw error
      await collection.deleteMany({ expiresAt: { $lt: now } } as Filter<T>)
    }
  }
}
