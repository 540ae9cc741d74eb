import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, MongoErrorLabel, MongoServerError, type ClientSession, type Db } from 'mongodb'

const ANSWER_MS = 8_000
const SELECT_MS = 3_000
const CONFLICT_TRIES = 10

/**
 * A client whose every call ends within about ten seconds, so that an activity always outlives it. It connects
 * on first use: a database that is away is a problem of the signup that needs it, not of the process.
 */
export function connectMongo({
  uri,
  db,
  selectMs = SELECT_MS,
}: {
  uri: string
  db: string
  /** How long to look for a server that answers. */
  selectMs?: number
}): { db: Db; client: MongoClient } {
  const client = new MongoClient(uri, {
    appName: 'holdfast',
    socketTimeoutMS: ANSWER_MS,
    serverSelectionTimeoutMS: selectMs,
    connectTimeoutMS: selectMs,
    maxPoolSize: 50,
    retryWrites: true,
    writeConcern: { w: 'majority' },
    readConcernLevel: 'majority',
  })
  return { client, db: client.db(db) }
}

/**
 * Runs `work` in one transaction. Only a conflict with another transaction is tried again here, within milliseconds; the driver's
 * own helper would go on for two minutes in an outage, longer than any step may last.
 */
export async function inTransaction<T>(
  client: MongoClient,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.withSession(async (session) => {
        session.startTransaction()
        const result = await orAbort(session, () => work(session))
        await session.commitTransaction()
        return result
      })
    } catch (error) {
      const conflict =
        error instanceof MongoServerError && error.hasErrorLabel(MongoErrorLabel.TransientTransactionError)
      if (!conflict || attempt === CONFLICT_TRIES) throw error
      await sleep(Math.random() * 5 * attempt)
    }
  }
}

async function orAbort<T>(session: ClientSession, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await session.abortTransaction()
    throw error
  }
}
