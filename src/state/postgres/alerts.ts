import { sql, type Selectable } from 'kysely'
import type { AlertMessage, AlertRecord, AlertState } from '../../contracts/alerts.ts'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import { isSeenByOtherSource } from '../../domain/alert-sources.ts'
import type { AlertContent, AlertStore, Routing } from '../ports/alerts.ts'
import { isMoreSevere } from '../../contracts/severity.ts'
import { createAlertOutbox, dropHeldBack, heldBack, queueMessage, queueRefused } from './alert-outbox.ts'
import { createExpiry } from './lib/expiry.ts'
import { toJson } from './lib/json.ts'
import type { StateDb, StateTables } from './tables.ts'

const TABLE = 'holdfast.alerts'
const HOUR_MS = 3_600_000
/** An open alert is sent again at this interval. */
const REPEAT_MS = 6 * HOUR_MS
/** A closed alert can be read for this long. */
const KEEP_MS = 30 * 24 * HOUR_MS
const MOST_LISTED = 200

type AlertRow = Selectable<StateTables['holdfast.alerts']>

interface ListedRow extends AlertRow {
  undelivered: number
  undelivered_because: string | null
}

/** One row per alert, changed by conditional statements, so that any number of processes may report. */
export function createAlertStore(
  db: StateDb,
  system: System,
  now: () => Date = () => new Date(),
): AlertStore {
  const later = (ms: number): Date => new Date(now().getTime() + ms)
  const outbox = createAlertOutbox(db, system, now)
  const expire = createExpiry(db, TABLE)
  const messageOf = (row: AlertRow, state: AlertState): AlertMessage => ({
    name: row.name,
    system,
    state,
    severity: row.severity,
    title: row.title,
    sentence: row.sentence,
    fix: row.fix,
    since: row.since.toISOString(),
    count: row.count,
    consequences: row.consequences,
    people: row.people,
    dedupKey: row.dedup_key,
  })

  /** `closedSince`: an alert that was closed at that time or later stays closed. */
  const open = (
    alert: AlertContent,
    routing: Routing,
    source: string | null,
    closedSince: Date | null,
  ): Promise<boolean> =>
    callPostgres(TABLE, 'insert', async () => {
      const { dedupKey, name, severity, title, sentence, fix, count, since } = alert
      const at = now()
      const seenBy = JSON.stringify(source === null ? {} : { [source]: at.toISOString() })
      const message: AlertMessage = { ...alert, state: 'opened' }
      const { rows } = await sql`
        with changed as (
          insert into holdfast.alerts as known (system, dedup_key, name, severity, title, sentence, fix, count,
            consequences, people, open, since, opened_at, last_seen, seen_by, repeat_at)
          values (${system}, ${dedupKey}, ${name}, ${severity}, ${title}, ${sentence}, ${fix}, ${count},
            ${toJson(alert.consequences)}::jsonb, ${toJson(alert.people)}::jsonb, true, ${new Date(since)}, ${at},
            ${at}, ${seenBy}::jsonb, ${later(REPEAT_MS)})
          on conflict (system, dedup_key) do update set
            name = excluded.name, severity = excluded.severity, title = excluded.title, sentence = excluded.sentence,
            fix = excluded.fix, count = excluded.count, consequences = excluded.consequences,
            people = excluded.people, open = true, since = excluded.since, opened_at = excluded.opened_at,
            last_seen = excluded.last_seen, seen_by = excluded.seen_by, repeat_at = excluded.repeat_at,
            closed_at = null, expires_at = null
          where not known.open
            and coalesce(known.closed_at < ${closedSince}::timestamptz, true)
          returning known.system, known.dedup_key
        )${queueMessage(message, routing(message), at)}
        select from changed`.execute(db)
      return rows.length > 0
    })

  return {
    async record(alert, routing, source, lookedAt) {
      if (await open(alert, routing, source, lookedAt ?? null)) return { ...alert, state: 'opened' }
      return callPostgres(TABLE, 'update', async () => {
        const { dedupKey, sentence, fix, count, severity, title } = alert
        const at = now()
        const isKnown = (part: readonly string[]) => part.length > 0 || source === 'workers'
        const consequences = isKnown(alert.consequences) ? toJson(alert.consequences) : null
        const people = isKnown(alert.people) ? toJson(alert.people) : null
        const seen = await sql<
          Pick<AlertRow, 'since' | 'repeat_at' | 'severity' | 'consequences' | 'people'>
        >`
          update holdfast.alerts set sentence = ${sentence}, fix = ${fix}, count = ${count}, title = ${title},
            consequences = coalesce(${consequences}::jsonb, consequences), people = coalesce(${people}::jsonb, people),
            last_seen = ${at}, seen_by = seen_by || ${JSON.stringify({ [source]: at.toISOString() })}::jsonb
          where system = ${system} and dedup_key = ${dedupKey} and open
          returning since, repeat_at, severity, consequences, people`.execute(db)
        const [found] = seen.rows
        if (found === undefined) return null
        const isRaised = isMoreSevere(severity, found.severity)
        if (!isRaised && found.repeat_at > at) return null
        const state = isRaised ? 'raised' : 'repeated'
        const since = found.since.toISOString()
        const { consequences: known, people: who } = found
        const message: AlertMessage = { ...alert, since, state, consequences: known, people: who }
        const { rows } = await sql`
          with changed as (
            update holdfast.alerts set repeat_at = ${later(REPEAT_MS)}, severity = ${severity}
            where system = ${system} and dedup_key = ${dedupKey} and open and repeat_at = ${found.repeat_at}
              and severity = ${found.severity}
            returning system, dedup_key
          )${queueMessage(message, routing(message), at)}
          select from changed`.execute(db)
        return rows.length === 0 ? null : message
      })
    },

    closeMissing: ({ names, still, source }, routing) =>
      callPostgres(TABLE, 'update', async () => {
        const closed: AlertMessage[] = []
        // This source is removed and the others are read under the row's lock: if two sources do so at the same time,
        // the later one closes the alert.
        const found = await sql<AlertRow>`
          update holdfast.alerts set seen_by = seen_by - ${source}::text
          where system = ${system} and open and name = any(${[...names]}::text[])
            and dedup_key <> all(${[...still]}::text[])
          returning *`.execute(db)
        for (const row of found.rows) {
          const seenBy = Object.entries(row.seen_by).map(([by, at]) => [by, new Date(at)])
          if (isSeenByOtherSource(Object.fromEntries(seenBy), source, now())) continue
          const message = messageOf(row, 'closed')
          const { ids, unheard } = await heldBack(db, system, row.dedup_key, now())
          const to = routing(message).filter(({ channel }) => !unheard.includes(channel))
          const { rows } = await sql`
            with changed as (
              update holdfast.alerts set open = false, closed_at = ${now()}, expires_at = ${later(KEEP_MS)}
              where system = ${system} and dedup_key = ${row.dedup_key} and open
                and opened_at = ${row.opened_at} and last_seen = ${row.last_seen}
              returning system, dedup_key
            )${queueMessage(message, to, now())}
            select from changed`.execute(db)
          if (rows.length === 0) continue
          closed.push(message)
          await dropHeldBack(db, system, ids)
        }
        if (closed.length > 0) await expire()
        return closed
      }),

    async storeSent(alert, sentAt, routing) {
      if (await open(alert, routing, null, sentAt)) return
      const message: AlertMessage = { ...alert, state: 'opened' }
      await queueRefused(db, system, message, sentAt, routing(message), now())
    },

    ...outbox,

    isOpen: (name) =>
      callPostgres(TABLE, 'find', async () => {
        const { rows } = await sql`
          select from holdfast.alerts where system = ${system} and name = ${name} and open limit 1`.execute(
          db,
        )
        return rows.length > 0
      }),

    openSince: (name) =>
      callPostgres(TABLE, 'find', async () => {
        const { rows } = await sql<{ since: Date | null }>`
          select min(since) as since from holdfast.alerts
          where system = ${system} and name = ${name} and open`.execute(db)
        return rows[0]?.since?.toISOString() ?? null
      }),

    openSinceOf: (dedupKeys) =>
      callPostgres(TABLE, 'find', async () => {
        const { rows } = await sql<Pick<AlertRow, 'dedup_key' | 'since'>>`
          select dedup_key, since from holdfast.alerts
          where system = ${system} and open and dedup_key = any(${[...dedupKeys]}::text[])`.execute(db)
        return new Map(rows.map(({ dedup_key: key, since }) => [key, since.toISOString()]))
      }),

    list: () =>
      callPostgres(TABLE, 'find', async () => {
        const { rows } = await sql<ListedRow>`
          select alerts.*,
            (select count(*)::int from holdfast.alert_messages as queued
              where queued.system = alerts.system and queued.dedup_key = alerts.dedup_key
                and sent_at is null) as undelivered,
            (select because from holdfast.alert_messages as queued
              where queued.system = alerts.system and queued.dedup_key = alerts.dedup_key
                and sent_at is null and because is not null
              order by number limit 1) as undelivered_because
          from holdfast.alerts
          where system = ${system} and coalesce(expires_at > ${now()}, true)
          order by open desc, opened_at desc limit ${MOST_LISTED}`.execute(db)
        return rows.map((row): AlertRecord => {
          const { state: _state, ...message } = messageOf(row, 'opened')
          return {
            ...message,
            open: row.open,
            openedAt: row.opened_at.toISOString(),
            lastSeen: row.last_seen.toISOString(),
            closedAt: row.closed_at?.toISOString() ?? null,
            undelivered: row.undelivered,
            undeliveredBecause: row.undelivered_because,
          }
        })
      }),
  }
}
