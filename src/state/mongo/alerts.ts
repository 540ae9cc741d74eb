import { MongoServerError, type Db } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import type { AlertMessage, AlertRecord, AlertState } from '../../contracts/alerts.ts'
import { isSeenByOtherSource, type LastSeenBySource } from '../../domain/alert-sources.ts'
import { duplicateKey, callMongo } from '../../adapters/mongo/lib/errors.ts'
import { isMoreSevere } from '../../contracts/severity.ts'
import type { AlertContent, AlertStore, Routing } from '../ports/alerts.ts'
import type { AlertDocument } from './alert-document.ts'
import { createAlertOutbox, heldBack, queuedFor, queueRefused } from './alert-outbox.ts'
import { completeEarlierMessages } from './earlier-alert-messages.ts'

const COLLECTION = 'holdfast_alerts'
const HOUR_MS = 3_600_000
/** An open alert is sent again at this interval. */
const REPEAT_MS = 6 * HOUR_MS
/** A closed alert can be read for this long. */
const KEEP_MS = 30 * 24 * HOUR_MS
/**
 * `holdfast_alerts`: one document per alert, changed by conditional writes, so that any number of processes may report.
 */
export function createAlertStore(db: Db, system: System, now: () => Date = () => new Date()): AlertStore {
  const alerts = db.collection<AlertDocument>(COLLECTION)
  const complete = completeEarlierMessages(alerts, system)
  const later = (ms: number): Date => new Date(now().getTime() + ms)

  const open = (
    alert: AlertContent,
    routing: Routing,
    seenBy: (at: Date) => LastSeenBySource,
    unless: { closedSince?: Date } = {},
  ) =>
    callMongo(COLLECTION, 'update', async () => {
      const { dedupKey, since, ...content } = alert
      const at = now()
      const fresh = { ...content, system, since: new Date(since), open: true, openedAt: at }
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
            $push: queuedFor({ ...alert, state: 'opened' }, routing, at),
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
    async record(alert, routing, source, lookedAt) {
      const { dedupKey, sentence, fix, count, severity, title, consequences, people } = alert
      const by = (at: Date) => ({ [source]: at })
      if (await open(alert, routing, by, lookedAt === undefined ? {} : { closedSince: lookedAt }))
        return { ...alert, state: 'opened' }
      return callMongo(COLLECTION, 'update', async () => {
        const at = now()
        const isKnown = (part: readonly string[]) => part.length > 0 || source === 'workers'
        const found = await alerts.findOneAndUpdate(
          { _id: dedupKey, open: true },
          {
            $set: {
              sentence,
              fix,
              count,
              title,
              ...(isKnown(consequences) ? { consequences } : {}),
              ...(isKnown(people) ? { people } : {}),
              lastSeen: at,
              [`seenBy.${source}`]: at,
            },
          },
          { returnDocument: 'after', projection: { sent: 0 } },
        )
        if (found === null) return null
        const isRaised = isMoreSevere(severity, found.severity ?? 'warning')
        if (!isRaised && found.repeatAt > at) return null
        const state = isRaised ? 'raised' : 'repeated'
        const { since, consequences: known, people: who } = messageOf(found, state)
        const message: AlertMessage = { ...alert, since, state, consequences: known, people: who }
        const { modifiedCount } = await alerts.updateOne(
          { _id: dedupKey, open: true, repeatAt: found.repeatAt, severity: found.severity },
          { $set: { repeatAt: later(REPEAT_MS), severity }, $push: queuedFor(message, routing, at) },
        )
        return modifiedCount === 0 ? null : message
      })
    },

    async closeMissing({ names, still, source }, routing) {
      await complete()
      return callMongo(COLLECTION, 'update', async () => {
        const closed: AlertMessage[] = []
        const filter = { system, open: true, name: { $in: [...names] }, _id: { $nin: [...still] } }
        // This source is removed before the others are read: if two sources do so at the same time, the later one
        // closes the alert.
        await alerts.updateMany(filter, { $unset: { [`seenBy.${source}`]: true } })
        for (const found of await alerts.find(filter).toArray()) {
          if (isSeenByOtherSource(found.seenBy ?? {}, source, now())) continue
          const message = messageOf(found, 'closed')
          const { ids, unheard } = heldBack(found.outbox, now())
          const rest: Routing = (one) => routing(one).filter(({ channel }) => !unheard.has(channel))
          const { modifiedCount } = await alerts.updateOne(
            { _id: found._id, open: true, openedAt: found.openedAt, lastSeen: found.lastSeen },
            {
              $set: { open: false, closedAt: now(), expiresAt: later(KEEP_MS) },
              $push: queuedFor(message, rest, now()),
            },
          )
          if (modifiedCount === 0) continue
          closed.push(message)
          if (ids.length > 0)
            await alerts.updateOne({ _id: found._id }, { $pull: { outbox: { id: { $in: ids } } } })
        }
        if (closed.length > 0) await expire()
        return closed
      })
    },

    async storeSent(alert, sentAt, routing) {
      if (!(await open(alert, routing, () => ({}), { closedSince: sentAt })))
        await queueRefused(alerts, { ...alert, state: 'opened' }, sentAt, routing, now())
    },

    ...createAlertOutbox(alerts, system, now, complete),

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

    openSinceOf: (dedupKeys) =>
      callMongo(COLLECTION, 'find', async () => {
        const found = await alerts
          .find({ _id: { $in: [...dedupKeys] }, open: true }, { projection: { since: 1 } })
          .toArray()
        return new Map(found.map(({ _id, since }) => [_id, since.toISOString()]))
      }),

    list: () =>
      callMongo(COLLECTION, 'find', async () => {
        const found = await alerts
          .find({ system }, { projection: { sent: 0 } })
          .sort({ open: -1, openedAt: -1 })
          .limit(200)
          .toArray()
        return found.map(recordOf)
      }),
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
  return {
    name,
    system,
    state,
    severity: found.severity ?? 'warning',
    title: found.title ?? name,
    sentence,
    fix,
    since: since.toISOString(),
    count,
    consequences: found.consequences ?? [],
    people: found.people ?? [],
    dedupKey: _id,
  }
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
    undeliveredBecause: found.outbox.find(({ because }) => because !== null)?.because ?? null,
  }
}
