import { sql } from 'kysely'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import { gapTotals, hourOf, inOrder, KEEP_MS, KNOWN_MS, type GapsOfHour } from '../lib/totals.ts'
import type { Total, Totals } from '../ports/totals.ts'
import { createExpiry } from './lib/expiry.ts'
import { toJson } from './lib/json.ts'
import type { StateDb } from './tables.ts'

const COUNTS = 'holdfast.totals'
const EVENTS = 'holdfast.total_events'
const GAPS = 'holdfast.gap_totals'

/** `holdfast.totals`, with the ids of counted events in `holdfast.total_events`, and `holdfast.gap_totals`. */
export function createTotals(db: StateDb, system: System): Totals {
  const expiries = ([COUNTS, EVENTS, GAPS] as const).map((table) => createExpiry(db, table))

  return {
    async count(events) {
      if (events.length === 0) return
      const rows = events.map(({ name, key, id, at }) => {
        const hour = hourOf(at)
        return {
          name,
          key,
          id,
          hour: hour.toISOString(),
          known_until: new Date(hour.getTime() + KNOWN_MS).toISOString(),
        }
      })
      await callPostgres(COUNTS, 'update', async () => {
        // One statement writes the ids and the counts, both in a fixed order, so that two batches do not deadlock.
        await sql`
          with event as (
            select distinct on (hour, name, key, id) * from jsonb_to_recordset(${toJson(rows)}::jsonb) as e
              (name text, key text, id text, hour timestamptz, known_until timestamptz)
          ), fresh as (
            insert into holdfast.total_events (system, name, key, hour, id, expires_at)
            select ${system}, name, key, hour, id, known_until from event
            order by hour, name collate "C", key collate "C", id collate "C"
            on conflict do nothing
            returning name, key, hour
          )
          insert into holdfast.totals as known (system, name, key, hour, count, expires_at)
          select ${system}, name, key, hour, count(*), hour + make_interval(secs => ${KEEP_MS / 1_000}::float8)
          from fresh group by hour, name, key order by hour, name, key
          on conflict (system, hour, name, key) do update set count = known.count + excluded.count`.execute(
          db,
        )
        for (const expire of expiries) await expire(events.length)
      })
    },

    async setGaps(found, at) {
      const hour = hourOf(at)
      const all = Object.entries(found).map(([key, count]) => ({ key, count }))
      await callPostgres(GAPS, 'update', async () => {
        await sql`
          insert into holdfast.gap_totals as known (system, hour, at, gaps, expires_at)
          values (${system}, ${hour}, ${at}, ${toJson(all)}::jsonb, ${new Date(hour.getTime() + KEEP_MS)})
          on conflict (system, hour) do update set at = excluded.at, gaps = excluded.gaps
            where known.at <= excluded.at`.execute(db)
      })
    },

    list: (by, { from, to }) =>
      callPostgres(COUNTS, 'find', async () => {
        const counts = await sql<Omit<Total, 'at'> & { at: Date }>`
          select name, key, date_trunc(${by}::text, hour, 'UTC') as at, sum(count)::bigint as count
          from holdfast.totals where system = ${system} and hour >= ${from} and hour < ${to}
          group by 1, 2, 3`.execute(db)
        const gaps = await sql<GapsOfHour>`
          select hour, gaps from holdfast.gap_totals
          where system = ${system} and hour >= ${from} and hour < ${to} order by hour`.execute(db)
        const totals = counts.rows.map((row): Total => ({ ...row, at: row.at.toISOString() }))
        return inOrder([...totals, ...gapTotals(gaps.rows, by)])
      }),
  }
}
