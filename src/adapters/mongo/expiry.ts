import { MongoServerError, type Collection, type Document } from 'mongodb'
import { askedOnce } from './asked-once.ts'

/**
 * Lets documents go at their `expiresAt`. That is the server's work, by a TTL index asked for once a process; where
 * the role may not create it, every call takes away what is over.
 */
export function createExpiry<T extends Document & { expiresAt: Date }>(
  collection: Collection<T>,
): () => Promise<void> {
  const index = askedOnce(() => collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 }))
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
