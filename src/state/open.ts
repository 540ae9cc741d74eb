import type { Db, MongoClient } from 'mongodb'
import type { Pooling } from '../adapters/postgres/lib/pooling.ts'
import type { StateSettings } from '../config/state.ts'
import type { System } from '../contracts/systems.ts'
import type { State } from './ports.ts'
import type { StateDb } from './postgres/tables.ts'

/** The connection to the database of a system's state. */
export type StateDatabase = MongoConnection | PostgresConnection

export interface MongoConnection {
  readonly kind: 'mongodb'
  readonly client: MongoClient
  readonly db: Db
}

export interface PostgresConnection {
  readonly kind: 'postgres'
  readonly db: StateDb
  /** The pooler, if any, between the connections and the server. */
  pooling(): Promise<Pooling>
}

/** The state of a system, with the connection that it uses. */
export interface OpenState {
  readonly state: State
  readonly database: StateDatabase
  /**
   * Throws a `UsageError`, which names the command to run, where the database has no tables of Holdfast, or those of
   * another version. Always resolves for MongoDB, whose collections need none.
   */
  assertVersion(): Promise<void>
  close(): Promise<void>
}

/** The time for a connection, in milliseconds; the default of the client where left out. */
export interface StateTimes {
  readonly connectMs?: number
}

/**
 * Opens the state of a system. It connects on first use, so that an unavailable database is a problem of the call that
 * needs it. Only the driver of that database is loaded.
 */
export async function openState(
  system: System,
  settings: StateSettings,
  times: StateTimes = {},
): Promise<OpenState> {
  if (settings.kind === 'postgres') {
    const { openPostgresState } = await import('./postgres/open.ts')
    return openPostgresState(system, { ...settings, ...times })
  }
  const [{ connectMongo }, { openMongoState }] = await Promise.all([
    import('../adapters/mongo/lib/connect.ts'),
    import('./mongo/open.ts'),
  ])
  return openMongoState(system, connectMongo({ ...settings, selectMs: times.connectMs }))
}

/** The same for a system that keeps its state in Postgres. */
export function postgresOf({ database }: Pick<OpenState, 'database'>): PostgresConnection {
  if (database.kind !== 'postgres') throw new Error('the state of this system is not in Postgres')
  return database
}

/** The connection of a system that keeps its state, and its application's records, in MongoDB. */
export function mongoOf({ database }: Pick<OpenState, 'database'>): MongoConnection {
  if (database.kind !== 'mongodb') throw new Error('the state of this system is not in MongoDB')
  return database
}
