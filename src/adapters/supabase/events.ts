import { sql, type RawBuilder } from 'kysely'
import type { TableName } from '../../config/supabase/sections.ts'
import { tableOf, type CatalogColumn } from './catalog.ts'

/** The events that Holdfast writes to the application's table, beside those of the application's own trigger. */
export type ProfileEvent =
  'auth_user_created' | 'profile_bootstrap_ok' | 'profile_bootstrap_error' | 'profile_backfilled'

/** The names under which a JSON column takes the details of an event. */
const DETAILS = ['details', 'metadata', 'data', 'payload']

/** The JSON column for an event's details; null where the table has none. */
export function detailsColumn(columns: readonly CatalogColumn[]): CatalogColumn | null {
  return columns.find(({ name, type }) => DETAILS.includes(name) && /^jsonb?$/.test(type)) ?? null
}

/** `insert into <events> … select … <from>`: one row for each person of `from`, whose id is `user`. */
export function insertEvents(
  events: TableName,
  columns: readonly CatalogColumn[],
  {
    types,
    details,
    user,
    from,
  }: {
    readonly types: readonly ProfileEvent[]
    readonly details: Readonly<Record<string, string>>
    readonly user: RawBuilder<unknown>
    readonly from: RawBuilder<unknown>
  },
): RawBuilder<unknown> {
  const column = detailsColumn(columns)
  const typeOfId = columns.find(({ name }) => name === 'user_id')?.type ?? 'uuid'
  const stated = JSON.stringify({ source: 'holdfast', ...details })
  const names = ['user_id', 'event_type', ...(column === null ? [] : [column.name])].map((name) =>
    sql.id(name),
  )
  const more = column === null ? sql`` : sql`, ${stated}::${sql.raw(column.type)}`
  return sql`insert into ${tableOf(events)} (${sql.join(names)})
    select ${user}::text::${sql.raw(typeOfId)}, event.type ${more}
    from ${from} cross join unnest(${[...types]}::text[]) as event (type)`
}
