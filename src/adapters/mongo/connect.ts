import { MongoClient, type Db } from 'mongodb'

const ANSWER_MS = 8_000
const SELECT_MS = 3_000

/**
 * A client whose every operation ends within eight seconds, so that an activity always outlives it. It connects
 * on first use: a database that is away is a problem of the signup that needs it, not of the process.
 */
export function connectMongo({ uri, db }: { uri: string; db: string }): { db: Db; client: MongoClient } {
  const client = new MongoClient(uri, {
    appName: 'holdfast',
    timeoutMS: ANSWER_MS,
    serverSelectionTimeoutMS: SELECT_MS,
    connectTimeoutMS: SELECT_MS,
    maxPoolSize: 50,
    retryWrites: true,
    writeConcern: { w: 'majority' },
    readConcernLevel: 'majority',
  })
  return { client, db: client.db(db) }
}
