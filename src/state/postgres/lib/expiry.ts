import { sql } from 'kysely'
import { DatabaseError } from 'pg'
import { PostgresConnectionError } from '../../../adapters/postgres/lib/connection-error.ts'
import type { StateDb } from '../tables.ts'

const INTERVAL_MS = 5 * 60_000
/** One statement deletes so few rows that it holds its locks for milliseconds; what is left goes with the next one. */
const BATCH_ROWS = 2_000

/**
 * Makes the rows of a table expire at their `expires_at`: Postgres deletes none by itself. Called after a write to the
 * table, it deletes a bounded number of expired rows, of every system, at most once every few minutes per process; with
 * the next write again where a full batch shows that more are left. Given the number of rows of that write, it deletes
 * up to twice as many, so that the rows of a flood go faster than others come. Rows that another process deletes at the
 * same time are skipped.
 */
export function createExpiry(
  db: StateDb,
  table: `holdfast.${string}`,
  { intervalMs = INTERVAL_MS, batchRows = BATCH_ROWS }: { intervalMs?: number; batchRows?: number } = {},
): (written?: number) => Promise<void> {
  const rows = sql.table(table)
  return atIntervals(intervalMs, async (written) => {
    const most = Math.max(batchRows, 2 * written)
    const { numAffectedRows = 0n } = await sql`
      delete from ${rows} where ctid = any (array(
        select ctid from ${rows} where expires_at < now() limit ${sql.lit(most)} for update skip locked
      ))`.execute(db)
    return numAffectedRows >= BigInt(most)
  })
}

/**
 * Runs `deleteBatch` with the first call, then at most once in the interval; with the next call again where it returns
 * true: more are left. A deletion that the server refuses fails nothing.
 */
export function atIntervals(
  intervalMs: number,
  deleteBatch: (written: number) => Promise<boolean>,
): (written?: number) => Promise<void> {
  let dueAt = 0
  return async (written = 0) => {
    const now = performance.now()
    if (now < dueAt) return
    dueAt = now + intervalMs // before the statement, so that of calls in parallel one runs it
    try {
      if (await deleteBatch(written)) dueAt = 0
    } catch (error) {
      // The write before it is done, and must not be reported as failed. The next interval tries again; a missing right
      // is named by `check`, and a server that is away by the next write.
      if (!(error instanceof DatabaseError || error instanceof PostgresConnectionError)) throw error
    }
  }
}
