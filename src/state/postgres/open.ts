import { connectPostgres } from '../../adapters/postgres/lib/connect.ts'
import type { System } from '../../contracts/systems.ts'
import type { OpenState } from '../open.ts'
import { assertStateVersion, filesFor } from './migrate.ts'
import { createPostgresState } from './state.ts'
import type { StateTables } from './tables.ts'

/** The state of a system in the database of a URL. It connects on first use. */
export function openPostgresState(
  system: System,
  {
    url,
    connectMs,
    ...needs
  }: { readonly url: string; readonly connectMs?: number; readonly ownSql?: System },
): OpenState {
  const database = connectPostgres<StateTables>({
    url,
    ...(connectMs === undefined ? {} : { connectMs }),
  })
  return {
    state: createPostgresState(database, system),
    database: { kind: 'postgres', db: database.db, pooling: () => database.pooling() },
    assertVersion: () => assertStateVersion(database.db, system, filesFor(needs)),
    close: () => database.close(),
  }
}
