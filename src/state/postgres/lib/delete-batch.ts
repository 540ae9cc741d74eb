import { sql, type RawBuilder } from 'kysely'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import type { StateDb } from '../tables.ts'

const BATCH_ROWS = 10_000

/** Deletes some of the rows that match. True when no others are left. */
export function deleteBatch(
  db: StateDb,
  table: `holdfast.${string}`,
  matching: RawBuilder<unknown>,
): Promise<boolean> {
  return callPostgres(table, 'delete', async () => {
    const rows = sql.table(table)
    const { numAffectedRows = 0n } = await sql`
      delete from ${rows}
      where ctid = any (array(select ctid from ${rows} where ${matching} limit ${BATCH_ROWS}))`.execute(db)
    return numAffectedRows < BigInt(BATCH_ROWS)
  })
}
