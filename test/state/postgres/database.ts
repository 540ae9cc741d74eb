import { randomUUID } from 'node:crypto'
import { connectPostgres, type PostgresDatabase } from '../../../src/adapters/postgres/lib/connect.ts'
import type { StateTables } from '../../../src/state/postgres/tables.ts'
import { startPostgres, type PostgresServer } from '../../../dev/servers/postgres/postgres.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { atEnd } from '../../support/at-end.ts'

/** A Postgres server for the tests of one file. */
export async function openPostgres(): Promise<PostgresServer> {
  const server = await startPostgres({ progress })
  atEnd(() => server.stop())
  return server
}

/** A database of its own on that server, without tables; each call of `connect` is another process. */
export async function emptyDatabase(server: PostgresServer): Promise<{
  url: string
  connect(options?: { url?: string; callMs?: number }): PostgresDatabase<StateTables>
}> {
  const url = await server.ensureDatabase(`test-${randomUUID()}`)
  return {
    url,
    connect(options = {}) {
      const database = connectPostgres<StateTables>({ url, ...options })
      atEnd(() => database.close())
      return database
    },
  }
}
