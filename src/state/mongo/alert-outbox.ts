import { randomUUID } from 'node:crypto'
import type { Collection } from 'mongodb'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { CHANNEL_NAMES, type AlertDelivery, type ChannelName } from '../../contracts/alert-channels.ts'
import type { AlertMessage } from '../../contracts/alerts.ts'
import type { System } from '../../contracts/systems.ts'
import type { AlertStore, Routing, Taker } from '../ports/alerts.ts'
import type { AlertDocument, QueuedMessage, SentMessage } from './alert-document.ts'

const COLLECTION = 'holdfast_alerts'
/** While a channel is down, only the newest messages of an alert are kept for it: they say its present state. */
const MOST_QUEUED = 20
/** Sent messages that are kept of each alert. */
const MOST_SENT = 50
const MOST_LISTED = 500

/** The part of an update that queues a message for its channels, so that it is not lost if the process dies afterwards. */
export function queuedFor(message: AlertMessage, routing: Routing, at: Date) {
  const queued = routing(message).map(({ channel, notBefore }): QueuedMessage => ({
    id: randomUUID(),
    channel,
    message,
    at,
    notBefore,
    tries: 0,
    because: null,
  }))
  return { outbox: { $each: queued, $slice: -MOST_QUEUED * (queued.length || CHANNEL_NAMES.length) } }
}

/**
 * Queues a message that was sent at `sentAt`, and that these channels refused, where another process has opened its
 * alert since. A channel with another message since then hears of the alert by that one.
 */
export async function queueRefused(
  alerts: Collection<AlertDocument>,
  message: AlertMessage,
  sentAt: Date,
  routing: Routing,
  at: Date,
): Promise<void> {
  for (const recipient of routing(message)) {
    const none = { $not: { $elemMatch: { channel: recipient.channel, at: { $gte: sentAt } } } }
    const { outbox } = queuedFor(message, () => [recipient], at)
    await callMongo(COLLECTION, 'update', () =>
      alerts.updateOne(
        { _id: message.dedupKey, open: true, openedAt: { $gte: sentAt }, outbox: none, sent: none },
        { $push: { outbox: { $each: outbox.$each } } },
      ),
    )
  }
}

/**
 * The messages of an alert to channels for which all are held back, and those of these channels that heard nothing of
 * it: an oldest message other than `opened` follows one that was sent.
 */
export function heldBack(outbox: readonly QueuedMessage[], now: Date) {
  const due = new Set(outbox.filter((one) => isDue(one, now)).map(({ channel }) => channel))
  const held = outbox.filter(({ channel }) => !due.has(channel))
  const oldest = new Map(held.toReversed().map(({ channel, message }) => [channel, message.state]))
  return {
    ids: held.map(({ id }) => id),
    unheard: new Set([...oldest].filter(([, state]) => state === 'opened').map(([channel]) => channel)),
  }
}

function isDue({ notBefore }: QueuedMessage, now: Date): boolean {
  return notBefore === null || notBefore <= now
}

type Outbox = Pick<AlertStore, 'deliver' | 'deliveries' | 'sendAgain'>

/** The messages of alerts, each in the document of its alert. `complete` completes those of an earlier version. */
export function createAlertOutbox(
  alerts: Collection<AlertDocument>,
  system: System,
  now: () => Date,
  complete: () => Promise<void>,
): Outbox {
  const dueFor = (channel: ChannelName) => ({
    system,
    outbox: { $elemMatch: { channel, $or: [{ notBefore: null }, { notBefore: { $lte: now() } }] } },
  })
  const leaseOf = (channel: ChannelName) => `leases.${channel}`
  const queuedOf = ({ outbox }: Pick<AlertDocument, 'outbox'>, channel: ChannelName) =>
    outbox.filter((one) => one.channel === channel)

  /** The alerts with due messages for the channel that no process is sending, the least refused first. */
  const waiting = (channel: ChannelName) =>
    callMongo(COLLECTION, 'find', async () => {
      const found = await alerts
        .find(
          { ...dueFor(channel), [leaseOf(channel)]: { $not: { $gt: now() } } },
          { projection: { outbox: 1 } },
        )
        .toArray()
      return found
        .map((one) => ({ key: one._id, tries: queuedOf(one, channel)[0]?.tries ?? 0 }))
        .toSorted((a, b) => a.tries - b.tries)
    })

  /** Null where another process was first. */
  const lease = (key: string, channel: ChannelName, until: Date) =>
    callMongo(COLLECTION, 'update', () =>
      alerts.findOneAndUpdate(
        { _id: key, ...dueFor(channel), [leaseOf(channel)]: { $not: { $gt: now() } } },
        { $set: { [leaseOf(channel)]: until } },
      ),
    )

  /** Ends this lease, not that of a process that took the alert over: a later lease ends later. */
  const release = (key: string, channel: ChannelName, until: Date) =>
    callMongo(COLLECTION, 'update', () =>
      alerts.updateOne({ _id: key, [leaseOf(channel)]: until }, { $set: { [leaseOf(channel)]: null } }),
    )

  /** Leases messages for one call of the channel: as many as it takes, which were refused as often. */
  const take = async ({ channel, most }: Taker, until: Date): Promise<Map<string, QueuedMessage[]>> => {
    const taken = new Map<string, QueuedMessage[]>()
    let room = most
    const candidates = await waiting(channel)
    for (const { key, tries } of candidates) {
      if (room === 0 || tries !== candidates[0]?.tries) break
      const leased = await lease(key, channel, until)
      if (leased === null) continue
      const messages = queuedOf(leased, channel).slice(0, room)
      room -= messages.length
      taken.set(key, messages)
    }
    return taken
  }

  /** Does nothing for a message that another process has sent meanwhile. */
  const accepted = (key: string, { id, ...message }: QueuedMessage, response: string) =>
    callMongo(COLLECTION, 'update', () =>
      alerts.updateOne(
        { _id: key, 'outbox.id': id },
        {
          $pull: { outbox: { id } },
          $push: {
            sent: { $each: [{ id, ...message, sentAt: now(), response }], $slice: -MOST_SENT },
          },
        },
      ),
    )

  const refused = (key: string, { id }: QueuedMessage, because: string) =>
    callMongo(COLLECTION, 'update', () =>
      alerts.updateOne(
        { _id: key, 'outbox.id': id },
        { $set: { 'outbox.$.because': because }, $inc: { 'outbox.$.tries': 1 } },
      ),
    )

  /** Records the outcome of one call of the channel, and ends its leases. */
  const record = async (
    { channel }: Taker,
    until: Date,
    taken: ReadonlyMap<string, readonly QueuedMessage[]>,
    outcome: (key: string, message: QueuedMessage) => Promise<unknown>,
  ): Promise<void> => {
    for (const [key, messages] of taken) {
      for (const message of messages) await outcome(key, message)
      await release(key, channel, until)
    }
  }

  const countDue = (channel: ChannelName): Promise<number> =>
    callMongo(COLLECTION, 'find', async () => {
      const found = await alerts.find(dueFor(channel), { projection: { outbox: 1 } }).toArray()
      return found.reduce((sum, one) => sum + queuedOf(one, channel).length, 0)
    })

  return {
    async deliver(taker, send) {
      await complete()
      for (;;) {
        const until = new Date(now().getTime() + taker.leaseMs)
        const taken = await take(taker, until)
        if (taken.size === 0) return countDue(taker.channel)
        let response: string
        try {
          response = await send([...taken.values()].flat())
        } catch (error) {
          const because = error instanceof Error ? error.message : String(error)
          await record(taker, until, taken, (key, message) => refused(key, message, because))
          return countDue(taker.channel)
        }
        await record(taker, until, taken, (key, message) => accepted(key, message, response))
      }
    },

    async deliveries() {
      await complete()
      return callMongo(COLLECTION, 'find', async () => {
        const found = await alerts.find({ system }, { projection: { outbox: 1, sent: 1 } }).toArray()
        return found
          .flatMap(({ outbox, sent = [] }) => [...outbox, ...sent].map(deliveryOf))
          .toSorted((a, b) => b.at.localeCompare(a.at))
          .slice(0, MOST_LISTED)
      })
    },

    sendAgain: (id) =>
      callMongo(COLLECTION, 'update', async () => {
        const found = await alerts.findOne({ system, 'sent.id': id }, { projection: { sent: 1 } })
        const again = found?.sent?.find((one) => one.id === id)
        if (found === null || again === undefined) return false
        const { channel, message } = again
        const routing: Routing = () => [{ channel, notBefore: null }]
        const { outbox } = queuedFor(message, routing, now())
        await alerts.updateOne({ _id: found._id }, { $push: { outbox: { $each: outbox.$each } } })
        return true
      }),
  }
}

function deliveryOf(one: QueuedMessage | SentMessage): AlertDelivery {
  const { id, channel, message, at, notBefore, tries, because } = one
  const sent = 'sentAt' in one ? one : null
  return {
    id,
    channel,
    message,
    at: at.toISOString(),
    sentAt: sent?.sentAt.toISOString() ?? null,
    response: sent?.response ?? null,
    refusals: tries,
    because,
    notBefore: sent === null ? (notBefore?.toISOString() ?? null) : null,
  }
}
