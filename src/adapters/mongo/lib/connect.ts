import { setTimeout as sleep } from 'node:timers/promises'
import {
  MongoClient,
  MongoErrorLabel,
  MongoServerError,
  type ClientSession,
  type Db,
  type MongoClientOptions,
} from 'mongodb'
import { neverCancelled, type CancellationCheck } from '../../cancellation-check.ts'

const ANSWER_MS = 8_000
const SELECT_MS = 3_000
const CONFLICT_TRIES = 10
const RECONNECT_MS = 500

/**
 * The driver's client, except that it reconnects after its first connection failed: the driver then closes its topology
 * for good, and every later call fails at once, whether or not the database is available again.
 */
class ReconnectingClient extends MongoClient {
  #closed = false

  constructor(uri: string, options: MongoClientOptions) {
    super(uri, options)
    this.on('topologyClosed', () => {
      if (this.#closed) return
      setTimeout(() => {
        // A failure closes the topology again, which calls this again; calls report the error themselves.
        if (!this.#closed) this.connect().catch(() => {})
      }, RECONNECT_MS).unref()
    })
  }

  override close(force?: boolean): Promise<void> {
    this.#closed = true
    return super.close(force)
  }
}

/**
 * A client whose every call ends within about ten seconds, so that an activity always outlives it. It connects on first
 * use: an unavailable database is a problem of the signup that needs it, not of the process.
 */
export function connectMongo({
  uri,
  db,
  selectMs = SELECT_MS,
}: {
  uri: string
  db: string
  /** The time-out for finding a server. */
  selectMs?: number | undefined
}): { db: Db; client: MongoClient } {
  const client = new ReconnectingClient(uri, {
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
 * Runs `work` in one transaction. Only a conflict with another transaction is retried here, within milliseconds; the
 * driver's own helper would retry for two minutes in an outage, longer than any step may last. `check` is called before
 * each round and before the commit.
 */
export async function inTransaction<T>(
  client: MongoClient,
  work: (session: ClientSession) => Promise<T>,
  check: CancellationCheck = neverCancelled,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    check()
    try {
      return await client.withSession(async (session) => {
        session.startTransaction()
        const result = await orAbort(session, async () => {
          const done = await work(session)
          check()
          return done
        })
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
