import { sql, type QueryExecutorProvider, type RawBuilder } from 'kysely'
import type { TableName } from '../../config/supabase/sections.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { callPostgres } from '../postgres/lib/errors.ts'

/** Statements here are written in SQL: the names and columns of the application's tables are configured. */
export interface ApplicationTables {
  'holdfast.auth_users': { readonly id: string }
}
/** Connections to the project's database, whichever tables they are typed with. */
export type ApplicationDb = QueryExecutorProvider

/** A column as the catalog has it. */
export interface CatalogColumn {
  readonly name: string
  /** As a cast writes it. */
  readonly type: string
  /** The expression that fills it where an insert leaves it out; null without one. */
  readonly default: string | null
}

const CATALOG = 'pg_catalog.pg_attribute'

export function nameOf({ schema, table }: TableName): string {
  return `${schema}.${table}`
}

export function tableOf({ schema, table }: TableName): RawBuilder<unknown> {
  return sql.id(schema, table)
}

/** The columns of a table; empty where it does not exist. */
export function columnsOf(db: ApplicationDb, { schema, table }: TableName): Promise<CatalogColumn[]> {
  return callPostgres(CATALOG, 'find', async () => {
    const { rows } = await sql<CatalogColumn>`
      select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
             case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as default
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
       where n.nspname = ${schema} and c.relname = ${table}
       order by a.attnum`.execute(db)
    return rows
  })
}

/**
 * Throws where row-level security hides rows of the table from the role: every user would seem to lack a profile. A
 * policy shows all rows where its condition is `true`.
 */
export async function assertAllRowsVisible(db: ApplicationDb, of: TableName): Promise<void> {
  const { rows } = await callPostgres(CATALOG, 'find', () =>
    sql<{ hidden: boolean; role: string }>`
      select quote_ident(current_user) as role, row_security_active(c.oid) and (
               not exists (
                 select from pg_policy p
                  where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
                    and pg_get_expr(p.polqual, p.polrelid) = 'true'
                    and exists (select from unnest(p.polroles) r where r = 0 or pg_has_role(r, 'usage')))
               or exists (
                 select from pg_policy p
                  where p.polrelid = c.oid and not p.polpermissive and p.polcmd in ('r', '*')
                    and exists (select from unnest(p.polroles) r where r = 0 or pg_has_role(r, 'usage')))
             ) as hidden
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = ${of.schema} and c.relname = ${of.table}`.execute(db),
  )
  const [found] = rows
  if (found?.hidden !== true) return
  const table = nameOf(of)
  throw new OutsideError('postgres-denied', `row-level security hides rows of ${table}`, {
    detail: {
      table,
      action: 'find',
      grant: `create policy holdfast_reads on ${table} for select to ${found.role} using (true)`,
    },
  })
}
