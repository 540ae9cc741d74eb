import { sql } from 'kysely'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { StateDb } from './tables.ts'

const TABLE = 'holdfast.pings'

/** Makes the database answer and accept a write: it writes the time to a row of Holdfast's own. */
export async function pingPostgres(db: StateDb, system: System): Promise<void> {
  await callPostgres(TABLE, 'update', () =>
    sql`
      insert into holdfast.pings (system, at) values (${system}, now())
      on conflict (system) do update set at = excluded.at`.execute(db),
  )
}
