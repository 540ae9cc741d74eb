import { readFile } from 'node:fs/promises'
import { Client, escapeIdentifier, escapeLiteral } from 'pg'
import { startOrCleanUp, type EmbeddedServer } from '../lib/server.ts'
import { startPostgres, type PostgresOptions } from '../postgres/postgres.ts'

/** The roles of Supabase that may log in. */
export type SupabaseLogin = 'postgres' | 'supabase_admin' | 'supabase_auth_admin' | 'authenticator'

/** The database of one Supabase project: schema `auth`, and a shop's `profiles` and `user_events` in `public`. */
export interface SupabaseProject {
  /** Its address for a role; all have the same password. */
  urlOf(role: SupabaseLogin | 'holdfast'): string
}

export interface SupabaseServer extends EmbeddedServer, SupabaseProject {
  /** A further project on the same server, created if it is missing. Its roles are those of the first. */
  ensureProject(name: string): Promise<SupabaseProject>
}

/**
 * Postgres with Supabase's own roles, owners, grants and tables, and the tables of a shop with its trigger. The role
 * `postgres` is no superuser, as on the hosted platform; `supabase_admin` is. There is no Auth server: `users.ts`
 * writes what it writes. Role `holdfast` exists and may log in, and has no right yet.
 */
export async function startSupabase(
  options: Omit<PostgresOptions, 'administrator'>,
): Promise<SupabaseServer> {
  const postgres = await startPostgres({ ...options, administrator: 'supabase_admin' })
  const { stop } = postgres
  return startOrCleanUp(async () => {
    await ensureRoles(postgres.url)
    const ensureProject = async (name: string): Promise<SupabaseProject> => {
      const project = projectAt(await postgres.ensureDatabase(name))
      await ensureTables(project, name)
      return project
    }
    const first = await ensureProject('postgres')
    return Object.assign(postgres, { urlOf: first.urlOf, ensureProject })
  }, stop)
}

function projectAt(address: string): SupabaseProject {
  return {
    urlOf(role) {
      const url = new URL(address)
      url.username = role
      return url.href
    },
  }
}

async function ensureRoles(superuserUrl: string): Promise<void> {
  const password = escapeLiteral(decodeURIComponent(new URL(superuserUrl).password))
  await inTransaction(superuserUrl, async (client) => {
    const { rowCount } = await client.query(`select from pg_roles where rolname = 'postgres'`)
    if (rowCount !== 0) return
    await client.query((await sqlFile('roles.sql')).replaceAll(':password', password))
    // Created by `postgres`, as an operator does: it then may administer the role.
    await client.query(`set role postgres; create role holdfast login password ${password}; reset role`)
  })
}

async function ensureTables(project: SupabaseProject, name: string): Promise<void> {
  await inTransaction(project.urlOf('supabase_admin'), async (client) => {
    const { rows } = await client.query<{ there: boolean }>(
      `select to_regnamespace('auth') is not null as there`,
    )
    if (rows[0]?.there === true) return
    await client.query(`alter database ${escapeIdentifier(name)} owner to postgres`)
    await client.query(await sqlFile('auth.sql'))
    await client.query('set role postgres')
    await client.query(await sqlFile('application.sql'))
  })
}

function sqlFile(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), 'utf8')
}

/** In one transaction: after a kill, everything is there or nothing. */
async function inTransaction(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {}) // the query in flight fails with the same error
  await client.connect()
  try {
    await client.query('begin')
    await work(client)
    await client.query('commit')
  } finally {
    await client.end()
  }
}
