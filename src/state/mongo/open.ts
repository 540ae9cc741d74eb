import type { Db, MongoClient } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import type { OpenState } from '../open.ts'
import { createMongoState } from './state.ts'

/** The state of a system in a database that is connected, or connects on first use. */
export function openMongoState(
  system: System,
  { client, db }: { readonly client: MongoClient; readonly db: Db },
): OpenState {
  return {
    state: createMongoState(db, system),
    database: { kind: 'mongodb', client, db },
    assertVersion: () => Promise.resolve(),
    close: () => client.close(),
  }
}
