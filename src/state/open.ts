import type { Db, MongoClient } from 'mongodb'
import type { StateSettings } from '../config/state.ts'
import type { System } from '../contracts/systems.ts'
import type { State } from './ports.ts'

/** The connection to the database of a system's state. */
export type StateDatabase = MongoHome

export interface MongoHome {
  readonly home: 'mongodb'
  readonly client: MongoClient
  readonly db: Db
}

/** The state of a system, with the connection that it uses. */
export interface OpenState {
  readonly state: State
  readonly database: StateDatabase
  close(): Promise<void>
}

/** Milliseconds after which a server counts as not found; the default of the client where left out. */
export interface StateTimes {
  readonly selectMs?: number
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
  if (settings.home === 'postgres') throw new Error('not yet')
  const [{ connectMongo }, { openMongoState }] = await Promise.all([
    import('../adapters/mongo/lib/connect.ts'),
    import('./mongo/open.ts'),
  ])
  return openMongoState(system, connectMongo({ ...settings, ...times }))
}

/** The connection of a system that keeps its state, and its application's records, in MongoDB. */
export function mongoOf({ database }: Pick<OpenState, 'database'>): MongoHome {
  return database
}
