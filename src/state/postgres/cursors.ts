import { sql } from 'kysely'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { StateDb } from './tables.ts'

const TABLE = 'holdfast.cursors'

/** `holdfast.cursors`: one row per tenant. It contains no personal data. */
export function createCursors(db: StateDb, system: System): Cursors {
  const load = (tenant: string) =>
    callPostgres(TABLE, 'find', () =>
      db
        .selectFrom(TABLE)
        .selectAll()
        .where('system', '=', system)
        .where('tenant', '=', tenant)
        .executeTakeFirst(),
    )
  const served = new Map<string, Date>()

  return {
    async servedSince(tenant) {
      const known = served.get(tenant)
      if (known !== undefined) return known
      // For a tenant that was read before this was first called, the whole log counts as being of this installation.
      const { rows } = await callPostgres(TABLE, 'update', () =>
        sql<{ begun_at: Date }>`
          insert into holdfast.cursors as c (system, tenant, begun_at) values (${system}, ${tenant}, now())
          on conflict (system, tenant) do update set begun_at = coalesce(
            c.begun_at, case when c.read_at is null then excluded.begun_at else to_timestamp(0) end
          )
          returning begun_at`.execute(db),
      )
      const at = rows[0]?.begun_at ?? new Date()
      served.set(tenant, at)
      return at
    },

    async load(tenant) {
      const found = await load(tenant)
      if (found === undefined) return { lastEventAt: null, readAt: null, caughtUpAt: null, gap: null }
      const { last_event_at, read_at, caught_up_at, gap_from, gap_to, gap_noticed_at } = found
      const gap =
        gap_from === null || gap_to === null || gap_noticed_at === null
          ? null
          : {
              from: gap_from.toISOString(),
              to: gap_to.toISOString(),
              noticedAt: gap_noticed_at.toISOString(),
            }
      return { lastEventAt: last_event_at, readAt: read_at, caughtUpAt: caught_up_at, gap }
    },

    async place(tenant, source) {
      const found = await load(tenant)
      return found?.places[source] ?? null
    },

    async advance(tenant, source, { from, to, lastEventAt, caughtUp = false }) {
      const step = {
        place: sql`jsonb_build_object(${source}::text, ${to}::text)`,
        lastEventAt: sql`${lastEventAt ?? null}::timestamptz`,
        readAt: lastEventAt === undefined ? sql`null` : sql`now()`,
        caughtUpAt: caughtUp ? sql`now()` : sql`null`,
      }
      const { rows } = await callPostgres(TABLE, 'update', () =>
        from === null
          ? sql`
              insert into holdfast.cursors as c (system, tenant, places, last_event_at, read_at, caught_up_at)
              values (${system}, ${tenant}, ${step.place}, ${step.lastEventAt}, ${step.readAt}, ${step.caughtUpAt})
              on conflict (system, tenant) do update set
                places = c.places || excluded.places,
                last_event_at = greatest(c.last_event_at, excluded.last_event_at),
                read_at = coalesce(excluded.read_at, c.read_at),
                caught_up_at = coalesce(excluded.caught_up_at, c.caught_up_at)
              where c.places ->> ${source}::text is null
              returning c.tenant`.execute(db)
          : sql`
              update holdfast.cursors set
                places = places || ${step.place},
                last_event_at = greatest(last_event_at, ${step.lastEventAt}),
                read_at = coalesce(${step.readAt}, read_at),
                caught_up_at = coalesce(${step.caughtUpAt}, caught_up_at)
              where system = ${system} and tenant = ${tenant} and places ->> ${source}::text = ${from}
              returning tenant`.execute(db),
      )
      return rows.length > 0
    },

    async recordGap(tenant, { from, to }) {
      await callPostgres(TABLE, 'update', () =>
        sql`
          insert into holdfast.cursors as c (system, tenant, gap_from, gap_to, gap_noticed_at)
          values (${system}, ${tenant}, ${from}, ${to}, now())
          on conflict (system, tenant) do update set
            gap_from = least(c.gap_from, excluded.gap_from),
            gap_to = greatest(c.gap_to, excluded.gap_to),
            gap_noticed_at = coalesce(c.gap_noticed_at, excluded.gap_noticed_at)`.execute(db),
      )
    },

    async closeGap(tenant, upTo) {
      const closed = await callPostgres(TABLE, 'update', () =>
        db
          .updateTable(TABLE)
          .set({ gap_from: null, gap_to: null, gap_noticed_at: null })
          .where('system', '=', system)
          .where('tenant', '=', tenant)
          .where('gap_to', 'is not', null)
          .$if(upTo !== undefined, (query) => query.where('gap_to', '<=', upTo ?? null))
          .executeTakeFirst(),
      )
      return closed.numUpdatedRows > 0n
    },
  }
}
