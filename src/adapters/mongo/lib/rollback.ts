import type { ClientSession, MongoClient } from 'mongodb'
import { inTransaction } from './connect.ts'

/** Carries a result out of a transaction that must not be committed. */
class RollbackSignal<T> extends Error {
  override readonly name = 'RolledBack'
  readonly result: T
  constructor(result: T) {
    super('rolled back, as it was meant to be')
    this.result = result
  }
}

/** Runs `work` in a transaction and rolls it back whatever the outcome: its writes are never visible to others. */
export async function withRollback<T>(
  client: MongoClient,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  try {
    return await inTransaction<never>(client, async (session) => {
      throw new RollbackSignal(await work(session))
    })
  } catch (error) {
    if (error instanceof RollbackSignal) return error.result as T
    throw error
  }
}
