import { sql, type RawBuilder } from 'kysely'
import type { AlertDelivery, ChannelName } from '../../contracts/alert-channels.ts'
import type { AlertMessage, AlertState } from '../../contracts/alerts.ts'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { AlertStore, QueuedAlert, Recipient, Taker } from '../ports/alerts.ts'
import { toJson } from './lib/json.ts'
import type { StateDb } from './tables.ts'

const TABLE = 'holdfast.alert_messages'
/** While a channel is down, only the newest messages of an alert are kept: they say its present state. */
const MOST_QUEUED = 20
/** Sent messages that are kept of each alert. */
const MOST_SENT = 50
const MOST_LISTED = 500

/**
 * The part of a statement that queues a message for the alert in its `with` query `changed`, so that the message is not
 * lost if the process dies afterwards. Empty where it goes to no channel.
 */
export function queueMessage(
  message: AlertMessage,
  recipients: readonly Recipient[],
  at: Date,
): RawBuilder<unknown> {
  if (recipients.length === 0) return sql``
  const channels = recipients.map(({ channel }) => channel)
  const notBefore = recipients.map((one) => one.notBefore)
  return sql`,
    queued as (
      insert into holdfast.alert_messages (system, dedup_key, message, at, channel, not_before)
      select system, dedup_key, ${toJson(message)}::jsonb, ${at}, channel, not_before
      from changed, unnest(${channels}::text[], ${notBefore}::timestamptz[]) as recipient (channel, not_before)
    ),
    dropped as (
      delete from holdfast.alert_messages as old using changed
      where old.system = changed.system and old.dedup_key = changed.dedup_key and old.sent_at is null
        and old.channel = any(${channels}::text[]) and old.number not in (
          select newer.number from holdfast.alert_messages as newer
          where newer.system = changed.system and newer.dedup_key = changed.dedup_key
            and newer.channel = old.channel and newer.sent_at is null
          order by newer.number desc limit ${MOST_QUEUED - 1})
    )`
}

/**
 * Queues a message that was sent at `sentAt`, and that these channels refused, where another process has opened its
 * alert since. A channel with another message since then hears of the alert by that one.
 */
export async function queueRefused(
  db: StateDb,
  system: System,
  message: AlertMessage,
  sentAt: Date,
  recipients: readonly Recipient[],
  at: Date,
): Promise<void> {
  if (recipients.length === 0) return
  await callPostgres(TABLE, 'insert', async () => {
    const { rows } = await sql<{ channel: ChannelName }>`
      select distinct channel from holdfast.alert_messages
      where system = ${system} and dedup_key = ${message.dedupKey} and at >= ${sentAt}`.execute(db)
    const left = recipients.filter((one) => !rows.some(({ channel }) => channel === one.channel))
    await sql`
      with changed as (
        select system, dedup_key from holdfast.alerts
        where system = ${system} and dedup_key = ${message.dedupKey} and open and opened_at >= ${sentAt}
        for update
      )${queueMessage(message, left, at)}
      select from changed`.execute(db)
  })
}

/**
 * The messages of an alert to channels for which all are held back, and those of these channels that heard nothing of
 * it: an oldest message other than `opened` follows one that was sent.
 */
export async function heldBack(
  db: StateDb,
  system: System,
  key: string,
  now: Date,
): Promise<{ ids: string[]; unheard: ChannelName[] }> {
  const { rows } = await sql<{ channel: ChannelName; ids: string[]; oldest: AlertState }>`
    select channel, array_agg(id::text) as ids, (array_agg(message ->> 'state' order by number))[1] as oldest
    from holdfast.alert_messages
    where system = ${system} and dedup_key = ${key} and sent_at is null
    group by channel having bool_and(coalesce(not_before > ${now}, false))`.execute(db)
  return {
    ids: rows.flatMap(({ ids }) => ids),
    unheard: rows.filter(({ oldest }) => oldest === 'opened').map(({ channel }) => channel),
  }
}

export async function dropHeldBack(db: StateDb, system: System, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`
    delete from holdfast.alert_messages
    where system = ${system} and id = any(${[...ids]}::uuid[]) and sent_at is null`.execute(db)
}

interface DeliveryRow {
  readonly id: string
  readonly channel: ChannelName
  readonly message: AlertMessage
  readonly at: Date
  readonly not_before: Date | null
  readonly tries: number
  readonly because: string | null
  readonly sent_at: Date | null
  readonly response: string | null
}

type Outbox = Pick<AlertStore, 'deliver' | 'deliveries' | 'sendAgain'>

/** Messages of alerts. Those of one alert are sent to a channel in their order. */
export function createAlertOutbox(db: StateDb, system: System, now: () => Date): Outbox {
  /** Messages of a channel whose alert has one that is due. */
  const dueFor = (channel: ChannelName) => sql`
    system = ${system} and channel = ${channel} and sent_at is null and exists (
      select from holdfast.alert_messages as due
      where due.system = waiting.system and due.dedup_key = waiting.dedup_key and due.channel = waiting.channel
        and due.sent_at is null and coalesce(due.not_before <= ${now()}, true))`

  const countDue = (channel: ChannelName): Promise<number> =>
    callPostgres(TABLE, 'find', async () => {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from holdfast.alert_messages as waiting
        where ${dueFor(channel)}`.execute(db)
      return rows[0]?.count ?? 0
    })

  const isFree = (channel: ChannelName) =>
    sql`coalesce((leases ->> ${channel})::timestamptz <= ${now()}, true)`

  /**
   * Leases alerts for one call of the channel, and returns their first messages: as many as it takes, which were refused
   * as often. Empty where none is due, or other processes have the leases.
   */
  const take = ({ channel, most }: Taker, until: string): Promise<Map<string, QueuedAlert[]>> =>
    callPostgres(TABLE, 'update', async () => {
      const candidates = await sql<{ dedup_key: string; tries: number }>`
        select dedup_key, tries from (
          select distinct on (waiting.dedup_key) waiting.dedup_key, tries, number
          from holdfast.alert_messages as waiting join holdfast.alerts using (system, dedup_key)
          where ${dueFor(channel)} and ${isFree(channel)}
          order by waiting.dedup_key, number
        ) as first order by tries, number`.execute(db)
      const taken = new Map<string, QueuedAlert[]>()
      let room = most
      for (const { dedup_key: key, tries } of candidates.rows) {
        if (room === 0 || tries !== candidates.rows[0]?.tries) break
        const leased = await sql`
          update holdfast.alerts set leases = leases || jsonb_build_object(${channel}::text, ${until}::text)
          where system = ${system} and dedup_key = ${key} and ${isFree(channel)}
          returning dedup_key`.execute(db)
        if (leased.rows.length === 0) continue
        // Read after the lease: what another process has sent meanwhile is not read.
        const { rows } = await sql<QueuedAlert>`
          select id, message from holdfast.alert_messages as waiting
          where ${dueFor(channel)} and dedup_key = ${key} order by number limit ${room}`.execute(db)
        room -= rows.length
        taken.set(key, rows)
        if (rows.length === 0) await release(channel, [key], until)
      }
      return new Map([...taken].filter(([, messages]) => messages.length > 0))
    })

  /**
   * Ends these leases, together with the change of messages in `after`; not those of a process that took the alerts over:
   * a later lease ends later.
   */
  const release = async (
    channel: ChannelName,
    keys: readonly string[],
    until: string,
    after: RawBuilder<unknown> = sql``,
  ): Promise<void> => {
    await sql`
      ${after}
      update holdfast.alerts set leases = leases - ${channel}::text
      where system = ${system} and dedup_key = any(${[...keys]}::text[])
        and leases ->> ${channel} = ${until}`.execute(db)
  }

  const record = (
    channel: ChannelName,
    until: string,
    taken: ReadonlyMap<string, readonly QueuedAlert[]>,
    change: RawBuilder<unknown>,
  ): Promise<void> =>
    callPostgres(TABLE, 'update', async () => {
      const ids = [...taken.values()].flat().map(({ id }) => id)
      const changed = sql`
        with changed as (
          update holdfast.alert_messages set ${change}
          where system = ${system} and id = any(${ids}::uuid[]) and sent_at is null
        )`
      await release(channel, [...taken.keys()], until, changed)
    })

  const dropOldSent = (keys: readonly string[]): Promise<void> =>
    callPostgres(TABLE, 'delete', async () => {
      await sql`
        delete from holdfast.alert_messages as old using (
          select id, row_number() over (partition by dedup_key order by sent_at desc) as place
          from holdfast.alert_messages
          where system = ${system} and dedup_key = any(${[...keys]}::text[]) and sent_at is not null
        ) as sent
        where old.system = ${system} and old.id = sent.id and sent.place > ${MOST_SENT}`.execute(db)
    })

  return {
    async deliver(taker, send) {
      const { channel } = taker
      for (;;) {
        const until = new Date(now().getTime() + taker.leaseMs).toISOString()
        const taken = await take(taker, until)
        if (taken.size === 0) return countDue(channel)
        let response: string
        try {
          response = await send([...taken.values()].flat())
        } catch (error) {
          const because = (error instanceof Error ? error.message : String(error)).replaceAll('\0', '')
          await record(channel, until, taken, sql`because = ${because}, tries = tries + 1`)
          return countDue(channel)
        }
        await record(
          channel,
          until,
          taken,
          sql`sent_at = ${now()}, response = ${response.replaceAll('\0', '')}`,
        )
        await dropOldSent([...taken.keys()])
      }
    },

    deliveries: () =>
      callPostgres(TABLE, 'find', async () => {
        const { rows } = await sql<DeliveryRow>`
          select id, channel, message, at, not_before, tries, because, sent_at, response
          from holdfast.alert_messages where system = ${system}
          order by at desc, number desc limit ${MOST_LISTED}`.execute(db)
        return rows.map(deliveryOf)
      }),

    sendAgain: (id) =>
      callPostgres(TABLE, 'insert', async () => {
        const { rows } = await sql`
          insert into holdfast.alert_messages (system, dedup_key, message, at, channel)
          select system, dedup_key, message, ${now()}, channel from holdfast.alert_messages
          where system = ${system} and id::text = ${id} and sent_at is not null
          returning id`.execute(db)
        return rows.length > 0
      }),
  }
}

function deliveryOf(row: DeliveryRow): AlertDelivery {
  return {
    id: row.id,
    channel: row.channel,
    message: row.message,
    at: row.at.toISOString(),
    sentAt: row.sent_at?.toISOString() ?? null,
    response: row.response,
    refusals: row.tries,
    because: row.because,
    notBefore: row.sent_at === null ? (row.not_before?.toISOString() ?? null) : null,
  }
}
