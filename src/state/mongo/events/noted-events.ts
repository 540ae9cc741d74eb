import type { Db } from 'mongodb'
import type { System } from '../../../contracts/systems.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import { ownDocuments } from '../lib/own-documents.ts'
import { upsertMany } from '../lib/upsert.ts'
import { createExpiry } from '../../../adapters/mongo/lib/expiry.ts'
import type { NotedEvent, NotedEvents } from '../../ports/noted-events.ts'

const COUNTS = 'holdfast_event_counts'
const MAILS = 'holdfast_failed_mails'
const DAY_MS = 24 * 3_600_000
const KEEP_DAYS = 30
/** The most ids kept for a day and code, by which a repeated event is recognised; older ones are dropped. */
const KNOWN_IDS = 500

interface CountDocument {
  _id: string
  /** Missing in documents of earlier versions. */
  system?: System | null
  tenant: string
  day: string
  code: string
  count: number
  ids: string[]
  expiresAt: Date
}

interface MailDocument {
  _id: string
  /** Missing in documents of earlier versions. */
  system?: System | null
  code: string
  at: Date
  expiresAt: Date
}

/**
 * `holdfast_event_counts`, one document per tenant, day and code, and `holdfast_failed_mails`, one per person; both for
 * 30 days.
 */
export function createNotedEvents(db: Db, system: System, now: () => Date = () => new Date()): NotedEvents {
  const { idOf, own } = ownDocuments(system)
  const counts = db.collection<CountDocument>(COUNTS, { writeConcern: { w: 1 } })
  const mails = db.collection<MailDocument>(MAILS, { writeConcern: { w: 1 } })
  const expiries = [createExpiry(counts), createExpiry(mails)]

  /**
   * Dates from outside may be of any year: an event whose date is none of these days is counted on the day of its
   * arrival.
   */
  const countedAt = ({ at }: NotedEvent): Date => {
    const [moment, present] = [new Date(at ?? Number.NaN), now()]
    const age = present.getTime() - moment.getTime()
    return age >= 0 && age < KEEP_DAYS * DAY_MS ? moment : present
  }

  const counted = (tenant: string, event: NotedEvent) => {
    const day = countedAt(event).toISOString().slice(0, 10)
    const { code, logId } = event
    const expiresAt = new Date(now().getTime() + KEEP_DAYS * DAY_MS)
    return {
      updateOne: {
        filter: {
          _id: idOf(`${tenant}/${day}/${code}`),
          ...own,
          ...(logId === null ? {} : { ids: { $ne: logId } }),
        },
        update: {
          $setOnInsert: { system, tenant, day, code, expiresAt },
          $inc: { count: 1 },
          $push: { ids: { $each: logId === null ? [] : [logId], $slice: -KNOWN_IDS } },
        },
        upsert: true,
      },
    }
  }

  return {
    async record(tenant, events) {
      if (events.length === 0) return
      const counting = events.map((event) => counted(tenant, event))
      // An event that is known already matches no document, and cannot insert a second one.
      const before = await callMongo(COUNTS, 'update', () => upsertMany(counts, counting))
      const ofPeople = events.flatMap((event, index) =>
        event.identity === null || before.has(index)
          ? []
          : [{ identity: event.identity, code: event.code, at: countedAt(event) }],
      )
      const newest = new Map(
        ofPeople.toSorted((a, b) => a.at.getTime() - b.at.getTime()).map((one) => [one.identity, one]),
      )
      const noting = [...newest.values()].map(({ identity, code, at }) => ({
        updateOne: {
          // If a newer failure is stored, this matches nothing and cannot insert a second document.
          filter: { _id: idOf(identity), at: { $lte: at }, ...own },
          update: { $set: { system, code, at, expiresAt: new Date(at.getTime() + KEEP_DAYS * DAY_MS) } },
          upsert: true,
        },
      }))
      if (noting.length > 0) await callMongo(MAILS, 'update', () => upsertMany(mails, noting))
      await Promise.all(expiries.map((expire) => expire()))
    },

    counts: (since) =>
      callMongo(COUNTS, 'find', async () => {
        const found = await counts
          .find({ day: { $gte: since.toISOString().slice(0, 10) }, ...own }, { projection: { ids: 0 } })
          .sort({ day: -1, tenant: 1, code: 1 })
          .toArray()
        return found.map(({ tenant, day, code, count }) => ({ tenant, day, code, count }))
      }),

    failedMail: (identity) =>
      callMongo(MAILS, 'find', async () => {
        const found = await mails.findOne({ _id: idOf(identity), ...own })
        return found === null ? null : { code: found.code, at: found.at.toISOString() }
      }),
  }
}
