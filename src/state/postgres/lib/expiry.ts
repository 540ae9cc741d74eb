import { sql } from 'kysely'
import type { StateDb } from '../tables.ts'

const INTERVAL_MS = 5 * 60_000
/** One statement deletes so few rows that it holds its locks for milliseconds; what is left goes with the next one. */
const BATCH_ROWS = 2_000

/**
 * Makes rows expire at their `expires_at`: Postgres deletes none by itself. Called after a write to the table, it
 * deletes a bounded number of expired rows, of every system, at most once every few minutes per process; at once again
 * where a full batch shows that more are left. Rows that another process deletes at the same time are skipped.
 */
export function createExpiry(
  db: StateDb,
  table: `holdfast.${string}`,
  { intervalMs = INTERVAL_MS, batchRows = BATCH_ROWS }: { intervalMs?: number; batchRows?: number } = {},
): () => Promise<void> {
  let dueAt = 0
  return async () => {
    const now = performance.now()
    if (now < dueAt) return
    dueAt = now + intervalMs // before the statement, so that calls in parallel run it once
    const target = sql.table(table)
    const { numAffectedRows = 0n } = await sql`
      delete from ${target}
      where ctid = any (array(
        select ctid from ${target} where expires_at < now() limit ${sql.lit(batchRows)} for update skip locked
      ))`.execute(db)
    if (numAffectedRows >= BigInt(batchRows)) dueAt = 0
  }
}
