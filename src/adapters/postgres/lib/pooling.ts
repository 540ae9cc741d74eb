import type { Pool, PoolClient } from 'pg'
import { PostgresConnectionError } from './connection-error.ts'
import { UrlClient } from './url-client.ts'

/**
 * The way between a connection and the server: direct, or a pooler that gives each client a connection of its own to
 * the server (`session`), or one for each transaction (`transaction`).
 */
export type Pooling = 'none' | 'session' | 'transaction'

/** Two clients of a pooler in transaction mode meet the same process of the server, or change theirs, within a few turns. */
const TURNS = 3
const CALL_MS = 5_000

/** Finds out by the process of the server that answers, with two connections of the pool. Changes nothing. */
export async function detectPooling(pool: Pool): Promise<Pooling> {
  const clients: PoolClient[] = []
  try {
    const one = await pool.connect()
    clients.push(one)
    const other = await pool.connect()
    clients.push(other)
    const own = await processOf(one)
    const others = await processOf(other)
    if (announced(one) === own && announced(other) === others) return 'none'
    for (let turn = 0; turn < TURNS; turn += 1) {
      // Twice in a row: a pooler that takes its connections in turn would otherwise give each client every second one.
      const seen = [await processOf(one), await processOf(one), await processOf(other)]
      if (seen[0] !== own || seen[1] !== own || seen[2] === own) return 'transaction'
    }
    return 'session'
  } catch (error) {
    throw PostgresConnectionError.from(error)
  } finally {
    for (const client of clients) client.release()
  }
}

function announced(client: PoolClient): number | null {
  return client instanceof UrlClient ? client.announcedProcess : null
}

async function processOf(client: PoolClient): Promise<number | null> {
  const limited = { text: 'select pg_backend_pid() as process', query_timeout: CALL_MS }
  const { rows } = await client.query<{ process: number }>(limited)
  return rows[0]?.process ?? null
}
