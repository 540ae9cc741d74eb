import { sql } from 'kysely'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { StateDb } from './tables.ts'

const CATALOG = 'pg_catalog.pg_class'

/** The server as a check shows it. */
export interface PostgresServer {
  readonly version: string
  /** The role of the connection, quoted where its name needs it. */
  readonly role: string
  readonly superuser: boolean
  /** The version of the tables; 0 where there are none. */
  readonly tables: number
}

export function describeServer(db: StateDb): Promise<PostgresServer> {
  return callPostgres(CATALOG, 'find', async () => {
    const { rows } = await sql<PostgresServer>`
      select current_setting('server_version') as version,
             quote_ident(current_user) as role,
             (select rolsuper from pg_roles where rolname = current_user) as superuser,
             0 as tables`.execute(db)
    const [found] = rows
    if (found === undefined) throw new Error('Postgres described itself by no row')
    const { rows: made } = await sql<{ present: boolean }>`
      select to_regclass('holdfast.state_version') is not null as present`.execute(db)
    if (made[0]?.present !== true) return found
    const { version } = await db
      .selectFrom('holdfast.state_version')
      .select(({ fn }) => fn.max('version').as('version'))
      .executeTakeFirstOrThrow()
    return { ...found, tables: version ?? 0 }
  })
}

/** The privileges that Holdfast uses on every table of its own, but for the lists of applied files. */
const ACTIONS = ['select', 'insert', 'update', 'delete'] as const
/** A role may append to the record of actions, and cannot change what it says. */
const FEWER: Readonly<Record<string, readonly string[]>> = {
  'holdfast.state_version': ['select'],
  'holdfast.system_sql': ['select'],
  'holdfast.actions': ['select', 'insert'],
  'holdfast.action_outcomes': ['select', 'insert'],
}

/** The privileges that the role of the connection lacks, by table, and by function as `grant` writes it. */
export function missingPrivileges(
  db: StateDb,
): Promise<{ readonly table: string; readonly actions: readonly string[] }[]> {
  return callPostgres(CATALOG, 'find', async () => {
    const { rows } = await sql<{ table: string; held: string[] }>`
      select 'holdfast.' || quote_ident(c.relname) as table,
             array(select p from unnest(${ACTIONS}::text[]) p where has_table_privilege(c.oid, p)) as held
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'holdfast' and c.relkind = 'r'
       order by 1`.execute(db)
    const { rows: functions } = await sql<{ name: string; held: boolean }>`
      select format('function holdfast.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) as name,
             has_function_privilege(p.oid, 'execute') as held
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname = 'holdfast'
       order by 1`.execute(db)
    return [
      ...rows.flatMap(({ table, held }) => {
        const actions = (FEWER[table] ?? ACTIONS).filter((action) => !held.includes(action))
        return actions.length === 0 ? [] : [{ table, actions }]
      }),
      ...functions.flatMap(({ name, held }) => (held ? [] : [{ table: name, actions: ['execute'] }])),
    ]
  })
}
