import { MongoClient } from 'mongodb'
import type { TestProject } from 'vitest/node'
import { terminalProgress } from '../../../dev/servers/lib/progress.ts'
import { startMongo } from '../../../dev/servers/mongo/mongo.ts'
import { startPostgres } from '../../../dev/servers/postgres/postgres.ts'

/** The servers of the databases alone: no Temporal, no PDS. */
export interface StateServers {
  readonly mongoUri: string
  readonly postgresUrl: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    stateServers: StateServers
  }
}

let stop = async (): Promise<void> => {}

/** Starts the servers once for a whole run, and stops them at its end. */
export async function setup(project: TestProject): Promise<void> {
  const progress = terminalProgress()
  const [mongo, postgres] = await Promise.all([startMongo({ progress }), startPostgres({ progress })])
  stop = async () => void (await Promise.all([mongo.stop(), postgres.stop()]))
  await expireEverySecond(mongo.uri)
  project.provide('stateServers', { mongoUri: mongo.uri, postgresUrl: postgres.url })
}

export async function teardown(): Promise<void> {
  await stop()
}

/** The server deletes expired documents once a minute by itself, for which no test waits. */
async function expireEverySecond(uri: string): Promise<void> {
  const client = new MongoClient(uri)
  try {
    await client.db('admin').command({ setParameter: 1, ttlMonitorSleepSecs: 1 })
  } finally {
    await client.close()
  }
}
