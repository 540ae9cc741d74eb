import { sql, type RawBuilder } from 'kysely'
import type { AlertMessage } from '../../contracts/alerts.ts'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { AlertStore } from '../ports/alerts.ts'
import { toJson } from './lib/json.ts'
import type { StateDb } from './tables.ts'

const TABLE = 'holdfast.alert_messages'
/** The time that a process has to deliver a message; after it another process may try. */
const LEASE_MS = 30_000
/** While the channel is down, only the newest messages of an alert are kept: they say its present state. */
const MOST_QUEUED = 20

/**
 * The part of a statement that queues a message for the alert in its `with` query `changed`, so that the message is not
 * lost if the process dies afterwards. Empty for null.
 */
export function queueMessage(message: AlertMessage | null): RawBuilder<unknown> {
  if (message === null) return sql``
  return sql`,
    queued as (
      insert into holdfast.alert_messages (system, dedup_key, message)
      select system, dedup_key, ${toJson(message)}::jsonb from changed
    ),
    dropped as (
      delete from holdfast.alert_messages as old using changed
      where old.system = changed.system and old.dedup_key = changed.dedup_key and old.number not in (
        select newer.number from holdfast.alert_messages as newer
        where newer.system = changed.system and newer.dedup_key = changed.dedup_key
        order by newer.number desc limit ${MOST_QUEUED - 1})
    )`
}

/** Messages of alerts that wait for their channel. The messages of one alert are sent in their order. */
export function createAlertOutbox(db: StateDb, system: System, now: () => Date): Pick<AlertStore, 'deliver'> {
  const countQueued = (): Promise<number> =>
    callPostgres(TABLE, 'find', async () => {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from holdfast.alert_messages where system = ${system}`.execute(db)
      return rows[0]?.count ?? 0
    })

  /** Leases the alert, and returns its first message; null where none is queued, or another process has the lease. */
  const take = (key: string): Promise<{ number: number; message: AlertMessage; leaseUntil: Date } | null> =>
    callPostgres(TABLE, 'update', async () => {
      const at = now()
      const leaseUntil = new Date(at.getTime() + LEASE_MS)
      const { rows } = await sql<{ number: number; message: AlertMessage }>`
        with leased as (
          update holdfast.alerts set lease_until = ${leaseUntil}
          where system = ${system} and dedup_key = ${key} and coalesce(lease_until <= ${at}, true)
            and exists (select from holdfast.alert_messages as queued
              where queued.system = alerts.system and queued.dedup_key = alerts.dedup_key)
          returning dedup_key
        )
        select number, message from holdfast.alert_messages join leased using (dedup_key)
        where system = ${system} order by number limit 1`.execute(db)
      return rows[0] === undefined ? null : { ...rows[0], leaseUntil }
    })

  /**
   * Ends the lease together with that change of the message; not that of a process that took the alert over: a later
   * lease ends later.
   */
  const release = (key: string, leaseUntil: Date, change: RawBuilder<unknown>): Promise<void> =>
    callPostgres(TABLE, 'update', async () => {
      await sql`
        with changed as (${change})
        update holdfast.alerts set lease_until = null
        where system = ${system} and dedup_key = ${key} and lease_until = ${leaseUntil}`.execute(db)
    })

  /** Sends the messages of one alert. Returns false where the channel refused one. */
  async function deliverAll(key: string, send: (message: AlertMessage) => Promise<void>): Promise<boolean> {
    for (;;) {
      const next = await take(key)
      if (next === null) return true
      const which = sql`system = ${system} and dedup_key = ${key} and number = ${next.number}`
      try {
        await send(next.message)
      } catch (error) {
        const because = (error instanceof Error ? error.message : String(error)).replaceAll('\0', '')
        await release(
          key,
          next.leaseUntil,
          sql`update holdfast.alert_messages set because = ${because}, tries = tries + 1 where ${which}`,
        )
        return false
      }
      await release(key, next.leaseUntil, sql`delete from holdfast.alert_messages where ${which}`)
    }
  }

  return {
    async deliver(send) {
      const { rows } = await callPostgres(TABLE, 'find', () =>
        sql<{ dedup_key: string }>`
          select dedup_key from (
            select distinct on (dedup_key) dedup_key, tries from holdfast.alert_messages
            where system = ${system} order by dedup_key, number
          ) as first order by tries`.execute(db),
      )
      for (const { dedup_key: key } of rows) if (!(await deliverAll(key, send))) return countQueued()
      return 0
    },
  }
}
