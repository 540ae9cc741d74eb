import { Kysely, PostgresDialect, sql, type PostgresPool, type Transaction } from 'kysely'
import { Pool, types } from 'pg'
import { lease } from './lease.ts'
import { PostgresConnectionError } from './connection-error.ts'
import { detectPooling, type Pooling } from './pooling.ts'
import { UrlClient } from './url-client.ts'

const CALL_MS = 7_000
const CONNECT_MS = 3_000
const CONNECTIONS = 10

export interface PostgresDatabase<Tables> {
  /** Each call, or each transaction, ends within about ten seconds. */
  readonly db: Kysely<Tables>
  /** The same connections with another time limit, in milliseconds. It ends the wait, not the server's statement. */
  within(ms: number): Kysely<Tables>
  /**
   * Runs a transaction within this limit, in milliseconds, which replaces that of the role: for a statement that reads a
   * whole table.
   */
  longTransaction<T>(ms: number, run: (transaction: Transaction<Tables>) => Promise<T>): Promise<T>
  /** The pooler, if any, between these connections and the server. Changes nothing. */
  pooling(): Promise<Pooling>
  /** Ends the connections once their calls are done. */
  close(): Promise<void>
}

/**
 * A pool of connections that open on first use: an unavailable database is a problem of the signup that needs it, not
 * of the process. Every call ends within about ten seconds, so that an activity always outlives it.
 *
 * It works through a pooler in transaction mode: no state of a session, no named prepared statement, and no parameter
 * at start-up besides user, database and application_name. That is why the server's own limit is set once, on the
 * role: `alter role <role> set statement_timeout = '10s'`.
 */
export function connectPostgres<Tables>({
  url,
  callMs = CALL_MS,
  connectMs = CONNECT_MS,
  connections = CONNECTIONS,
}: {
  url: string
  /** The limit of a call, or of all calls of a transaction, once it has a connection. */
  callMs?: number
  /** The limit of waiting for a connection, whether a new one or one that is in use. */
  connectMs?: number
  /** The most connections of this process. */
  connections?: number
}): PostgresDatabase<Tables> {
  const pool = new Pool({
    connectionString: withStandardTlsModes(url),
    application_name: 'holdfast',
    max: connections,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    types: { getTypeParser },
    ssl: false, // where the URL says nothing, whatever PGSSLMODE says in the environment
    Client: UrlClient,
  })
  // A connection that breaks while it is idle concerns no call: the pool has removed it, and the next call opens another
  // one, whose failure is reported there. Without a listener the event would end the process.
  pool.on('error', ignoreIdle)
  // The same between two calls of a transaction: the next call on that connection fails with the reason.
  pool.on('connect', (client) => client.on('error', ignoreIdle))

  const limitedTo = (ms: number): Kysely<Tables> =>
    new Kysely<Tables>({ dialect: new PostgresDialect({ pool: leasing(pool, ms) }) })
  return {
    db: limitedTo(callMs),
    within: limitedTo,
    longTransaction: (ms, run) =>
      limitedTo(ms)
        .transaction()
        .execute(async (transaction) => {
          await limitStatements(transaction, ms)
          return run(transaction)
        }),
    pooling: () => detectPooling(pool),
    close: () => pool.end(),
  }
}

/**
 * Sets the server's limit for each further statement of a transaction, in place of that of the role. It ends with the
 * transaction, so it works through a pooler.
 */
export async function limitStatements<Tables>(transaction: Transaction<Tables>, ms: number): Promise<void> {
  await sql`set local statement_timeout = ${sql.lit(ms)}`.execute(transaction)
}

function leasing(pool: Pool, callMs: number): PostgresPool {
  return {
    options: pool.options,
    async connect() {
      try {
        return lease(await pool.connect(), callMs)
      } catch (error) {
        throw PostgresConnectionError.from(error)
      }
    },
    end: () => pool.end(),
  }
}

/**
 * The modes of `sslmode` mean what they mean in psql, and will mean in the next major version of `pg`: `require`
 * encrypts, and verifies the certificate only against an `sslrootcert`; `verify-full` verifies it and the host's name.
 * `prefer` encrypts always: there is no fallback to plain text.
 */
function withStandardTlsModes(url: string): string {
  const known = /[?&]sslmode=/.test(url) && !/[?&]uselibpqcompat=/.test(url)
  return known ? `${url}&uselibpqcompat=true` : url
}

const INT8 = 20

/** Counts are numbers; as text, which is the driver's default, `count(*)` would compare as text. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8 && format !== 'binary') return Number
  return types.getTypeParser(oid, format) as (value: string) => unknown
}

function ignoreIdle(): void {}
