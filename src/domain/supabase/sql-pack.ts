import type { TriggerTables } from './own-trigger.ts'
import type { ProfileColumn } from './profile-columns.ts'
import { literal, quoted, sourceText } from './sql-text.ts'

/** Raised with every change of sql/supabase/pack; each object in `holdfast.installed` has the version that made it. */
export const PACK_VERSION = 1

/** The application's tables as the SQL pack names them. */
export interface PackTables extends Omit<TriggerTables, 'events'> {
  /** Null where the project has no table of events. */
  readonly events: {
    readonly table: string
    /** The type of its column `user_id`. */
    readonly userType: string
    /** The JSON column for details; null where it has none. */
    readonly details: { readonly name: string; readonly type: string } | null
  } | null
}

const USERS = `(select au.id, au.created_at, au.deleted_at, au.phone, au.raw_user_meta_data, au.raw_app_meta_data,
      au.is_anonymous is not true and au.deleted_at is null as due,
      lower(coalesce(nullif(trim(au.email), ''), nullif(trim((select i.email from auth.identities i
        where i.user_id = au.id and i.email is not null order by i.created_at, i.id limit 1)), ''))) as email
    from auth.users au)`

/** An entry that an administrator caused names the user in its traits, and as its actor nobody. */
const AUDIT = `(select n.created_at, n.payload ->> 'action' as action, n.by_admin, n.payload -> 'traits' ->> 'provider' as provider,
      case when n.named ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then n.named::uuid end as user_id,
      case when n.by_admin then n.payload -> 'traits' ->> 'user_email' else n.payload ->> 'actor_username' end as email
    from (select l.created_at, l.payload, l.payload -> 'traits' ->> 'user_id' is not null as by_admin,
        coalesce(l.payload -> 'traits' ->> 'user_id', nullif(l.payload ->> 'actor_id', '00000000-0000-0000-0000-000000000000')) as named
      from auth.audit_log_entries l) n)`

/** A file of sql/supabase/pack with the tables and columns of this project in the place of the words in braces. */
export function packSql(text: string, tables: PackTables): string {
  const { events } = tables
  const kept = events === null ? text.replaceAll(/^ *-- with events\n.*?^ *-- end events\n/gms, '') : text
  const words = wordsOf(tables)
  return kept
    .replaceAll(/^ *-- (?:with|end) events\n/gm, '')
    .replaceAll(/\{\{([^}]+)\}\}/g, (_, word: string) => {
      const [name = '', of] = word.split(' ')
      if (name === 'event_user') return `${of}::text::${events?.userType}`
      const found = words[name]
      if (found === undefined) throw new Error(`sql/supabase/pack: no word ${name}`)
      return found
    })
}

function wordsOf({ profiles, columns, events, mapping }: PackTables): Readonly<Record<string, string>> {
  const { idColumn, emailColumn } = mapping
  const typeOf = (column: string) => columns.find(({ name }) => name === column)?.type
  const same = `p.${quoted(idColumn)} = u.id${typeOf(idColumn) === 'uuid' ? '' : '::text'}`
  const accountType = mapping.columns.find(isAccountType)
  const given = new Map<string | undefined, string>([
    [emailColumn ?? undefined, `nullif(trim(lower(ensure_profile_exists.email)), '')`],
    [accountType?.column, `nullif(trim(ensure_profile_exists.account_type), '')`],
  ])
  const values = (withGiven: boolean): string =>
    mapping.columns
      .map((mapped) => valueOf(mapped, columns, withGiven ? given.get(mapped.column) : undefined))
      .join(',\n           ')
  const details = events?.details ?? null
  const stated = (json: string): string => (details === null ? '' : `, (${json})::${details.type}`)
  const error = `jsonb_build_object('source', 'holdfast', 'sqlstate', failed_state, 'constraint', failed_constraint)`
  const column = details === null ? '' : quoted(details.name)
  return {
    version: String(PACK_VERSION),
    users: USERS,
    audit: AUDIT,
    profiles,
    same,
    lacks: `not exists (select from ${profiles} p where ${same})`,
    id: quoted(idColumn),
    names: mapping.columns.map((mapped) => quoted(mapped.column)).join(', '),
    values: values(false),
    values_given: values(true),
    has_email: String(emailColumn !== null),
    has_account_type: String(accountType !== undefined),
    email_differs:
      emailColumn === null
        ? 'false'
        : `u.email is not null and u.email is distinct from lower(nullif(trim(p.${quoted(emailColumn)}::text), ''))`,
    events: events?.table ?? '',
    details_name: details === null ? '' : `, ${column}`,
    details: stated(`'{"source": "holdfast"}'::jsonb`),
    error_details: stated(error),
    same_error: details === null ? '' : ` and e.${column}::jsonb = ${error}`,
    event_details: details === null ? 'null::jsonb' : `e.${column}::jsonb`,
    last_error:
      events === null || details === null
        ? 'null::text'
        : `(select coalesce(e.${column} ->> 'sqlstate', e.${column} ->> 'problem') from ${events.table} e
          where e.user_id::text = u.id::text and e.event_type = 'profile_bootstrap_error'
          order by to_jsonb(e) ->> 'created_at' desc nulls last limit 1)`,
  }
}

function isAccountType({ column, from }: ProfileColumn): boolean {
  return column === 'account_type' || from.some((source) => 'key' in source && source.key === 'account_type')
}

function valueOf(
  { column, from, default: otherwise }: ProfileColumn,
  columns: PackTables['columns'],
  given: string | undefined,
): string {
  const known = columns.find(({ name }) => name === column)
  const texts = [
    ...(given === undefined ? [] : [given]),
    ...from.map((source) => sourceText(source, 'u', COLUMNS)),
    ...(otherwise === null ? [] : [literal(otherwise)]),
  ]
  const value = `coalesce(${texts.join(', ')})::${known?.type ?? 'text'}`
  const ofTable = known?.default ?? null
  return ofTable === null ? value : `coalesce(${value}, ${ofTable})`
}

/** The columns of `auth.users` that are sources by themselves. */
const COLUMNS = { id: 'u.id::text', email: 'u.email', phone: `nullif(trim(u.phone), '')` } as const
