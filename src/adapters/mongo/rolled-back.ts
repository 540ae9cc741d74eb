import type { ClientSession, MongoClient } from 'mongodb'
import { inTransaction } from './connect.ts'

/** Carries a result out of a transaction that must not be committed. */
class RolledBack<T> extends Error {
  override readonly name = 'RolledBack'
  readonly result: T
  constructor(result: T) {
    super('rolled back, as it was meant to be')
    this.result = result
  }
}

/** Runs `work` in a transaction and rolls it back whatever comes of it: nobody else ever sees what it wrote. */
export async function rolledBack<T>(
  client: MongoClient,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  try {
    return await inTransaction<never>(client, async (session) => {
      throw new RolledBack(await work(session))
    })
  } catch (error) {
    if (error instanceof RolledBack) return error.result as T
    throw error
  }
}
