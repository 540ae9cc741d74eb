import { MongoServerError, type Collection } from 'mongodb'

/**
 * Lets what is past its `expiresAt` go. That is the server's work; where the role may not create the index, it is
 * ours. The index is asked for once a process.
 */
export function createExpiry<T extends { expiresAt: Date }>(collection: Collection<T>): () => Promise<void> {
  let indexed: Promise<unknown> | null = null
  return async () => {
    indexed ??= collection.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })
    try {
      await indexed
    } catch (error) {
      indexed = null
      if (!(error instanceof MongoServerError)) throw error
      await collection.deleteMany({ expiresAt: { $lt: new Date() } } as object)
    }
  }
}
