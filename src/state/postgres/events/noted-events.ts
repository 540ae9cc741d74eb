import { sql } from 'kysely'
import type { System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import type { NotedEvent, NotedEvents } from '../../ports/noted-events.ts'
import { createExpiry } from '../lib/expiry.ts'
import { toJson } from '../lib/json.ts'
import type { StateDb } from '../tables.ts'

const COUNTS = 'holdfast.event_counts'
const IDS = 'holdfast.counted_events'
const MAILS = 'holdfast.failed_mails'
const DAY_MS = 24 * 3_600_000
const KEEP_DAYS = 30

/**
 * `holdfast.event_counts`, one row per tenant, day and code, with the ids of the events in `holdfast.counted_events`;
 * and `holdfast.failed_mails`, one per person; all for 30 days.
 */
export function createNotedEvents(
  db: StateDb,
  system: System,
  now: () => Date = () => new Date(),
): NotedEvents {
  const expiries = ([COUNTS, IDS, MAILS] as const).map((table) => createExpiry(db, table))

  /**
   * Dates from outside may be of any year: an event whose date is none of these days is counted on the day of its
   * arrival.
   */
  const countedAt = ({ at }: NotedEvent): Date => {
    const [moment, present] = [new Date(at ?? Number.NaN), now()]
    const age = present.getTime() - moment.getTime()
    return age >= 0 && age < KEEP_DAYS * DAY_MS ? moment : present
  }

  return {
    async record(tenant, events) {
      if (events.length === 0) return
      const rows = events.map((event, index) => {
        const at = countedAt(event).toISOString()
        const { code, identity, logId } = event
        return { n: index, day: at.slice(0, 10), at, code, identity, log_id: logId }
      })
      const expiresAt = new Date(now().getTime() + KEEP_DAYS * DAY_MS)
      await callPostgres(COUNTS, 'update', async () => {
        // Every insert has the same order, so that two deliveries of the same events do not deadlock.
        await sql`
          with event as (
            select * from jsonb_to_recordset(${toJson(rows)}::jsonb)
              as e (n int, day text, at timestamptz, code text, identity text, log_id text)
          ), fresh as (
            insert into holdfast.counted_events (system, tenant, day, code, id, expires_at)
            select distinct ${system}, ${tenant}, day collate "C" as d, code collate "C" as c, log_id collate "C" as i,
              ${expiresAt}::timestamptz
            from event where log_id is not null order by d, c, i
            on conflict do nothing
            returning day, code, id
          ), counted as (
            select e.* from event e where e.log_id is null
            union all
            select distinct on (e.day, e.code, e.log_id) e.*
            from event e join fresh f on f.day = e.day and f.code = e.code and f.id = e.log_id
          ), counts as (
            insert into holdfast.event_counts as c (system, tenant, day, code, count, expires_at)
            select ${system}, ${tenant}, day collate "C" as d, code collate "C" as c, count(*), ${expiresAt}::timestamptz
            from counted group by d, c order by d, c
            on conflict (system, tenant, day, code) do update set count = c.count + excluded.count
          )
          insert into holdfast.failed_mails as m (system, identity, code, at, expires_at)
          select distinct on (i) ${system}, identity collate "C" as i, code, at, at + make_interval(days => ${KEEP_DAYS}::int)
          from counted where identity is not null order by i, at desc, n desc
          on conflict (system, identity) do update
            set code = excluded.code, at = excluded.at, expires_at = excluded.expires_at
            where m.at <= excluded.at`.execute(db)
        for (const expire of expiries) await expire(events.length)
      })
    },

    counts: (since) =>
      callPostgres(COUNTS, 'find', () =>
        db
          .selectFrom(COUNTS)
          .select(['tenant', 'day', 'code', 'count'])
          .where('system', '=', system)
          .where('day', '>=', since.toISOString().slice(0, 10))
          .orderBy('day', 'desc')
          .orderBy('tenant')
          .orderBy('code')
          .execute(),
      ),

    failedMail: (identity) =>
      callPostgres(MAILS, 'find', async () => {
        const found = await db
          .selectFrom(MAILS)
          .select(['code', 'at'])
          .where('system', '=', system)
          .where('identity', '=', identity)
          .where('expires_at', '>', sql<Date>`now()`)
          .executeTakeFirst()
        return found === undefined ? null : { code: found.code, at: found.at.toISOString() }
      }),
  }
}
