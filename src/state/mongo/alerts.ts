import { randomUUID } from 'node:crypto'
import { MongoServerError, type Db } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import type { AlertMessage, AlertName, AlertRecord, AlertState } from '../../contracts/alerts.ts'
import { isSeenByOtherSource, type LastSeenBySource } from '../../domain/alert-sources.ts'
import { duplicateKey, callMongo } from '../../adapters/mongo/lib/errors.ts'
import type { AlertContent, AlertStore } from '../ports/alerts.ts'

const COLLECTION = 'holdfast_alerts'
const HOUR_MS = 3_600_000
/** An open alert is sent again at this interval. */
const REPEAT_MS = 6 * HOUR_MS
/** A closed alert can be read for this long. */
const KEEP_MS = 30 * 24 * HOUR_MS
/** The time that a process has to deliver a message; after it another process may try. */
const LEASE_MS = 30_000

/** While the channel is down, only the newest messages of an alert are kept: they say its present state. */
const MOST_QUEUED = 20

interface QueuedMessage {
  id: string
  message: AlertMessage
  tries: number
  because: string | null
}

interface AlertDocument {
  /** The alert's `dedupKey`. */
  _id: string
  system: string
  name: AlertName
  sentence: string
  fix: string
  count: number
  open: boolean
  /** The first failure. */
  since: Date
  openedAt: Date
  lastSeen: Date
  /** When each source last found the cause: an alert closes once no source finds it. */
  seenBy?: LastSeenBySource
  repeatAt: Date
  closedAt: Date | null
  expiresAt: Date | null
  /** Messages that no channel has accepted yet, oldest first. */
  outbox: QueuedMessage[]
  leaseUntil: Date | null
}

/** Adds a message to the queue for its channel. */
const queued = (message: AlertMessage) => ({
  $push: {
    outbox: {
      $each: [{ id: randomUUID(), message, tries: 0, because: null } satisfies QueuedMessage],
      $slice: -MOST_QUEUED,
    },
  },
})

/**
 * `holdfast_alerts`: one document per alert, changed by conditional writes, so that any number of processes may report.
 */
export function createAlertStore(db: Db, system: System, now: () => Date = () => new Date()): AlertStore {
  const alerts = db.collection<AlertDocument>(COLLECTION)
  const later = (ms: number): Date => new Date(now().getTime() + ms)

  const open = (
    alert: AlertContent,
    queue: boolean,
    seenBy: (at: Date) => LastSeenBySource,
    unless: { closedSince?: Date } = {},
  ) =>
    callMongo(COLLECTION, 'update', async () => {
      const { dedupKey, name, sentence, fix, count, since } = alert
      const at = now()
      const fresh = { system, name, sentence, fix, count, since: new Date(since), open: true, openedAt: at }
      try {
        const { upsertedCount, modifiedCount } = await alerts.updateOne(
          {
            _id: dedupKey,
            open: { $ne: true },
            ...(unless.closedSince === undefined ? {} : { closedAt: { $not: { $gte: unless.closedSince } } }),
          },
          {
            $set: {
              ...fresh,
              lastSeen: at,
              seenBy: seenBy(at),
              repeatAt: later(REPEAT_MS),
              closedAt: null,
              expiresAt: null,
            },
            $setOnInsert: { leaseUntil: null, ...(queue ? {} : { outbox: [] }) },
            ...(queue ? queued({ ...alert, state: 'opened' }) : {}),
          },
          { upsert: true },
        )
        return upsertedCount + modifiedCount > 0
      } catch (error) {
        if (duplicateKey(error) === null) throw error // it is open: another process was first
        return false
      }
    })

  return {
    async record(alert, queue, source, lookedAt) {
      const { dedupKey, sentence, fix, count } = alert
      const by = (at: Date) => ({ [source]: at })
      if (await open(alert, queue, by, lookedAt === undefined ? {} : { closedSince: lookedAt }))
        return { ...alert, state: 'opened' }
      return callMongo(COLLECTION, 'update', async () => {
        const at = now()
        const found = await alerts.findOneAndUpdate(
          { _id: dedupKey, open: true },
          { $set: { sentence, fix, count, lastSeen: at, [`seenBy.${source}`]: at } },
        )
        if (found === null || found.repeatAt > at) return null
        const message: AlertMessage = { ...alert, since: found.since.toISOString(), state: 'repeated' }
        const { modifiedCount } = await alerts.updateOne(
          { _id: dedupKey, open: true, repeatAt: found.repeatAt },
          { $set: { repeatAt: later(REPEAT_MS) }, ...(queue ? queued(message) : {}) },
        )
        return modifiedCount === 0 ? null : message
      })
    },

    closeMissing: ({ names, still, source }, queue) =>
      callMongo(COLLECTION, 'update', async () => {
        const closed: AlertMessage[] = []
        const filter = { system, open: true, name: { $in: [...names] }, _id: { $nin: [...still] } }
        // This source is removed before the others are read: if two sources do so at the same time, the later one
        // closes the alert.
        await alerts.updateMany(filter, { $unset: { [`seenBy.${source}`]: true } })
        for (const found of await alerts.find(filter).toArray()) {
          if (isSeenByOtherSource(found.seenBy ?? {}, source, now())) continue
          const message = messageOf(found, 'closed')
          const { modifiedCount } = await alerts.updateOne(
            { _id: found._id, open: true, openedAt: found.openedAt, lastSeen: found.lastSeen },
            {
              $set: { open: false, closedAt: now(), expiresAt: later(KEEP_MS) },
              ...(queue ? queued(message) : {}),
            },
          )
          if (modifiedCount > 0) closed.push(message)
        }
        if (closed.length > 0) await expire()
        return closed
      }),

    storeSent: async (alert, sentAt, queue) =>
      void (await open(alert, queue, () => ({}), { closedSince: sentAt })),

    async deliver(send) {
      const withMessages = await callMongo(COLLECTION, 'find', () =>
        alerts
          .find({ system, 'outbox.0': { $exists: true } }, { projection: { _id: 1 } })
          .sort({ 'outbox.0.tries': 1 })
          .toArray(),
      )
      for (const { _id } of withMessages) if (!(await deliverAll(_id, send))) return countQueued()
      return 0
    },

    isOpen: (name) =>
      callMongo(
        COLLECTION,
        'find',
        async () => (await alerts.findOne({ system, name, open: true })) !== null,
      ),

    openSince: (name) =>
      callMongo(COLLECTION, 'find', async () => {
        const longest = await alerts.findOne({ system, name, open: true }, { sort: { since: 1 } })
        return longest === null ? null : longest.since.toISOString()
      }),

    list: () =>
      callMongo(COLLECTION, 'find', async () => {
        const found = await alerts.find({ system }).sort({ open: -1, openedAt: -1 }).limit(200).toArray()
        return found.map(recordOf)
      }),
  }

  async function countQueued(): Promise<number> {
    const found = await callMongo(COLLECTION, 'find', () =>
      alerts.find({ system, 'outbox.0': { $exists: true } }, { projection: { outbox: 1 } }).toArray(),
    )
    return found.reduce((sum, { outbox }) => sum + outbox.length, 0)
  }

  /** Sends the messages of one alert in their order. Returns false where the channel refused one. */
  async function deliverAll(id: string, send: (message: AlertMessage) => Promise<void>): Promise<boolean> {
    for (;;) {
      const leaseUntil = later(LEASE_MS)
      const taken = await callMongo(COLLECTION, 'update', () =>
        alerts.findOneAndUpdate(
          { _id: id, 'outbox.0': { $exists: true }, leaseUntil: { $not: { $gt: now() } } },
          { $set: { leaseUntil } },
        ),
      )
      const [next] = taken?.outbox ?? []
      if (taken === null || next === undefined) return true // none is queued, or another process has the lease
      try {
        await send(next.message)
      } catch (error) {
        const because = error instanceof Error ? error.message : String(error)
        await callMongo(COLLECTION, 'update', () =>
          alerts.updateOne(
            { _id: id, 'outbox.id': next.id },
            { $set: { 'outbox.$.because': because }, $inc: { 'outbox.$.tries': 1 } },
          ),
        )
        await release(id, leaseUntil)
        return false
      }
      await callMongo(COLLECTION, 'update', () =>
        alerts.updateOne({ _id: id }, { $pull: { outbox: { id: next.id } } }),
      )
      await release(id, leaseUntil)
    }
  }

  /** Ends this lease, not that of a process that took the alert over: a later lease ends later. */
  async function release(id: string, leaseUntil: Date): Promise<void> {
    await callMongo(COLLECTION, 'update', () =>
      alerts.updateOne({ _id: id, leaseUntil }, { $set: { leaseUntil: null } }),
    )
  }

  /** MongoDB's TTL index deletes expired alerts; where the role may not create that index, this process does. */
  async function expire(): Promise<void> {
    try {
      await alerts.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error
      await alerts.deleteMany({ system, expiresAt: { $lt: now() } })
    }
  }
}

function messageOf(found: AlertDocument, state: AlertState): AlertMessage {
  const { _id, name, system, sentence, fix, since, count } = found
  return { name, system, state, sentence, fix, since: since.toISOString(), count, dedupKey: _id }
}

function recordOf(found: AlertDocument): AlertRecord {
  const { state: _state, ...message } = messageOf(found, 'opened')
  return {
    ...message,
    open: found.open,
    openedAt: found.openedAt.toISOString(),
    lastSeen: found.lastSeen.toISOString(),
    closedAt: found.closedAt?.toISOString() ?? null,
    undelivered: found.outbox.length,
    undeliveredBecause: found.outbox[0]?.because ?? null,
  }
}
