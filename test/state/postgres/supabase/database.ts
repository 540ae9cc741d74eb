import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Pool } from 'pg'
import { silentProgress as progress } from '../../../../dev/servers/lib/progress.ts'
import {
  startSupabase,
  type SupabaseLogin,
  type SupabaseServer,
} from '../../../../dev/servers/supabase/supabase.ts'
import { connectPostgres } from '../../../../src/adapters/postgres/lib/connect.ts'
import { applyState, filesFor } from '../../../../src/state/postgres/migrate.ts'
import type { StateTables } from '../../../../src/state/postgres/tables.ts'
import { atEnd } from '../../../support/at-end.ts'

export const ROLE_SQL = readFileSync(new URL('../../../../sql/supabase/role.sql', import.meta.url), 'utf8')

/** A Supabase server for the tests of one file. */
export async function openSupabase(): Promise<SupabaseServer> {
  const server = await startSupabase({ progress })
  atEnd(() => server.stop())
  return server
}

export interface SupabaseDatabase {
  urlOf(role: SupabaseLogin | 'holdfast'): string
  as(role: SupabaseLogin | 'holdfast'): Pool
}

/** A project of its own on that server; `installed`: with Holdfast's tables and its role's rights. */
export async function openProject(
  server: SupabaseServer,
  { installed = true }: { installed?: boolean } = {},
): Promise<SupabaseDatabase> {
  const { urlOf } = await server.ensureProject(`test-${randomUUID()}`)
  const pools = new Map<string, Pool>()
  const as = (role: SupabaseLogin | 'holdfast'): Pool => {
    const pool = pools.get(role) ?? new Pool({ connectionString: urlOf(role), max: 2 })
    if (!pools.has(role)) {
      pool.on('error', () => {}) // an idle connection ends with the server
      atEnd(() => pool.end())
      pools.set(role, pool)
    }
    return pool
  }
  if (installed) {
    const owner = connectPostgres<StateTables>({ url: urlOf('postgres') })
    try {
      await applyState(owner.db, filesFor({ ownSql: 'supabase' }))
    } finally {
      await owner.close()
    }
    await as('postgres').query(ROLE_SQL)
  }
  return { urlOf, as }
}

/** The answer to a statement that is undone: `done`, or the error's message. `role`: whose rights it has, if others. */
export async function answerTo(
  pool: Pool,
  statement: string,
  { role = null, claims = null }: { role?: string | null; claims?: object | null } = {},
): Promise<string> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    if (role !== null) await client.query(`set local role ${role}`)
    if (claims !== null)
      await client.query(`select set_config('request.jwt.claims', $1, true)`, [JSON.stringify(claims)])
    await client.query(statement)
    return 'done'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await client.query('rollback')
    client.release()
  }
}
