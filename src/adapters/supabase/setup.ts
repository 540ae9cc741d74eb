import { sql, type Kysely } from 'kysely'
import type { TableName } from '../../config/supabase/sections.ts'
import { quoted } from '../../domain/supabase/sql-text.ts'
import { callPostgres } from '../postgres/lib/errors.ts'

/** The rights of a role on a table or a view, as the catalog says. */
export interface TableRights {
  readonly held: readonly string[]
  readonly rowSecurity: boolean
  /** Commands for which a policy of the role itself, or of everybody, lets all rows pass. */
  readonly policies: readonly string[]
}

export interface TableColumn {
  readonly name: string
  readonly type: string
  /** The expression that fills it where an insert leaves it out; null without one. */
  readonly default: string | null
  /** An insert has to name it: it is `not null`, and nothing fills it. */
  readonly required: boolean
}

export interface AuditLogState {
  /** An estimate; 0 where the table was never analyzed. */
  readonly entries: number
  readonly recent: boolean
  readonly indexed: boolean
  /** Whether the role of the connection owns the table, so that it may create an index. */
  readonly owned: boolean
}

/** The access of a request over the REST API to the rows of one table. */
export interface RestAccess {
  readonly role: 'anon' | 'authenticated'
  readonly readsOwn: boolean
  readonly mayWithOther: readonly string[]
}

export interface ConnectedRole {
  readonly name: string
  readonly bypassesRowSecurity: boolean
}

/** Reads how a Supabase database is set up, as the role of the connection sees it. Changes nothing. */
export interface SupabaseSetup {
  role(): Promise<ConnectedRole>
  /** Null where the relation does not exist. */
  rightsOn(of: TableName): Promise<TableRights | null>
  /** Its columns; none where it does not exist. */
  columns(of: TableName): Promise<TableColumn[]>
  auditLog(): Promise<AuditLogState>
  /** Tries the rights of `anon` and of `authenticated` on rows that exist, and undoes it; null for fewer than two people. */
  restAccess(of: TableName, key: string): Promise<RestAccess[] | null>
}

const PRIVILEGES = ['select', 'insert', 'update', 'delete', 'truncate']

export function createSupabaseSetup<Tables>(db: Kysely<Tables>): SupabaseSetup {
  const named = ({ schema, table }: TableName) => sql`n.nspname = ${schema} and c.relname = ${table}`
  return {
    role: () =>
      callPostgres('pg_catalog.pg_roles', 'find', async () => {
        const { rows } = await sql<ConnectedRole>`
          select quote_ident(current_user) as name, rolsuper or rolbypassrls as "bypassesRowSecurity"
            from pg_roles where rolname = current_user`.execute(db)
        const [found] = rows
        if (found === undefined) throw new Error('the role of the connection is in no list of roles')
        return found
      }),

    rightsOn: (of) =>
      callPostgres('pg_catalog.pg_class', 'find', async () => {
        const { rows } = await sql<TableRights>`
          select array(select p from unnest(${PRIVILEGES}::text[]) p where has_table_privilege(c.oid, p)) as held,
                 row_security_active(c.oid) as "rowSecurity",
                 array(
                   select distinct command
                     from pg_policy p, unnest(case p.polcmd when '*' then array['select', 'insert'] when 'r' then array['select']
                       when 'a' then array['insert'] else '{}' end) as command
                    where p.polrelid = c.oid and p.polpermissive
                      and exists (select from unnest(p.polroles) r where r = 0 or pg_has_role(r, 'usage'))
                      and pg_get_expr(case command when 'select' then p.polqual else coalesce(p.polwithcheck, p.polqual) end, p.polrelid) = 'true') as policies
            from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${named(of)}`.execute(db)
        return rows[0] ?? null
      }),

    columns: (of) =>
      callPostgres('pg_catalog.pg_attribute', 'find', async () => {
        const { rows } = await sql<TableColumn>`
          select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
                 case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as default,
                 a.attnotnull and not a.atthasdef and a.attidentity = '' as required
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
           where ${named(of)} order by a.attnum`.execute(db)
        return rows
      }),

    auditLog: () =>
      callPostgres('holdfast.auth_audit', 'find', async () => {
        const { rows } = await sql<AuditLogState>`
          select greatest(c.reltuples, 0)::bigint as entries, pg_has_role(c.relowner, 'usage') as owned,
                 exists (select from holdfast.auth_audit where created_at > now() - interval '30 days') as recent,
                 exists (select from pg_index i where i.indrelid = c.oid and i.indpred is null
                   and pg_get_indexdef(i.indexrelid, 1, false) = 'created_at') as indexed
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname = 'auth' and c.relname = 'audit_log_entries'`.execute(db)
        return rows[0] ?? { entries: 0, owned: false, recent: false, indexed: false }
      }),

    restAccess: (of, key) =>
      callPostgres(`${of.schema}.${of.table}`, 'find', async () => {
        const table = sql.id(of.schema, of.table)
        const { rows: people } = await sql<{ id: string }>`
          select distinct id from (select ${sql.id(key)}::text as id from ${table} where ${sql.id(key)} is not null limit 500) as listed
           limit 2`.execute(db)
        const [own, other] = people
        if (own === undefined || other === undefined) return null
        const name = `${quoted(of.schema)}.${quoted(of.table)}`
        // One after the other: both try writes on the same rows.
        const tried: RestAccess[] = []
        for (const role of ['anon', 'authenticated'] as const)
          tried.push(
            await db.transaction().execute(async (transaction) => {
              const { rows } = await sql<Omit<RestAccess, 'role'>>`
                select reads_own as "readsOwn", may_with_other as "mayWithOther"
                  from ${sql.id('holdfast', `try_as_${role}`)}(${name}::regclass, ${key}, ${role === 'anon' ? null : own.id}::text, ${other.id})`.execute(
                transaction,
              )
              return { role, readsOwn: rows[0]?.readsOwn === true, mayWithOther: rows[0]?.mayWithOther ?? [] }
            }),
          )
        return tried
      }),
  }
}
