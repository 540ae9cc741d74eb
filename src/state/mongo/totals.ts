import { createHash } from 'node:crypto'
import type { AnyBulkWriteOperation, Db } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { createExpiry } from '../../adapters/mongo/lib/expiry.ts'
import { memoizeSuccess } from '../../adapters/mongo/lib/memoize-success.ts'
import { gapTotals, hourOf, HOUR_MS, inOrder, KEEP_MS, KNOWN_MS, type GapsOfHour } from '../lib/totals.ts'
import type { CountedEvent, Total, TotalName, Totals } from '../ports/totals.ts'
import { upsertMany } from './lib/upsert.ts'

const COLLECTION = 'holdfast_totals'
/** The most documents into which the count of an hour is divided, by id, so that none of them becomes large. */
const PARTS = 16
/** Older hours are not searched for ids to delete: earlier calls have deleted them. */
const FORGOTTEN_MS = 3 * 24 * HOUR_MS

/** A part of a count: `<system>/<name>/<hour>/<part>/<key>`. */
interface CountDocument {
  _id: string
  system: System
  name: TotalName
  key: string
  hour: Date
  count: number
  /** Ids of the events that were counted, by which a repeated one is recognised. Missing once the hour is over. */
  ids?: string[]
  expiresAt: Date
}

/** The gaps of an hour: `<system>/gaps/<hour>`. */
interface GapsDocument extends GapsOfHour {
  _id: string
  system: System
  name: 'gaps'
  /** When the audit was made. */
  at: Date
  gaps: { key: string; count: number }[]
  expiresAt: Date
}

/** `holdfast_totals`. */
export function createTotals(db: Db, system: System, now: () => Date = () => new Date()): Totals {
  const counts = db.collection<CountDocument>(COLLECTION)
  const gaps = db.collection<GapsDocument>(COLLECTION)
  const expire = createExpiry(counts)
  const index = memoizeSuccess(() => counts.createIndex({ system: 1, hour: 1 }))
  let forgottenUntil = 0

  const counted = ({ name, key, id, at }: CountedEvent): AnyBulkWriteOperation<CountDocument> => {
    const hour = hourOf(at)
    const part = createHash('sha256').update(id).digest().readUInt8() % PARTS
    return {
      updateOne: {
        filter: { _id: `${system}/${name}/${hour.toISOString()}/${part}/${key}`, ids: { $ne: id } },
        update: {
          $setOnInsert: { system, name, key, hour, expiresAt: new Date(hour.getTime() + KEEP_MS) },
          $inc: { count: 1 },
          $push: { ids: id },
        },
        upsert: true,
      },
    }
  }

  /** Deletes the ids of hours that are over; once an hour in each process. */
  const forgetIds = async (): Promise<void> => {
    const until = hourOf(now()).getTime() - KNOWN_MS + HOUR_MS
    if (until <= forgottenUntil) return
    forgottenUntil = until
    const hour = { $lt: new Date(until), $gt: new Date(until - FORGOTTEN_MS) }
    await counts.updateMany({ system, hour, ids: { $exists: true } }, { $unset: { ids: '' } })
  }

  const sums = (by: 'hour' | 'day', hour: object) => {
    const format = by === 'hour' ? '%Y-%m-%dT%H:00:00.000Z' : '%Y-%m-%dT00:00:00.000Z'
    return counts
      .aggregate<Total>([
        { $match: { system, hour, name: { $ne: 'gaps' } } },
        {
          $group: {
            _id: { name: '$name', key: '$key', at: { $dateToString: { date: '$hour', format } } },
            count: { $sum: '$count' },
          },
        },
        { $project: { _id: 0, name: '$_id.name', key: '$_id.key', at: '$_id.at', count: 1 } },
      ])
      .toArray()
  }

  return {
    async count(events) {
      if (events.length === 0) return
      await callMongo(COLLECTION, 'update', async () => {
        await expire()
        await index()
        // An event that is known already matches no document, and cannot insert a second one.
        await upsertMany(counts, events.map(counted))
        await forgetIds()
      })
    },

    async setGaps(found, at) {
      const hour = hourOf(at)
      const all = Object.entries(found).map(([key, count]) => ({ key, count }))
      await callMongo(COLLECTION, 'update', async () => {
        await expire()
        await index()
        await upsertMany(gaps, [
          {
            updateOne: {
              // If a later audit is stored, this matches nothing and cannot insert a second document.
              filter: { _id: `${system}/gaps/${hour.toISOString()}`, at: { $not: { $gt: at } } },
              update: {
                $set: {
                  system,
                  name: 'gaps',
                  hour,
                  at,
                  gaps: all,
                  expiresAt: new Date(hour.getTime() + KEEP_MS),
                },
              },
              upsert: true,
            },
          },
        ])
      })
    },

    list: (by, { from, to }) =>
      callMongo(COLLECTION, 'find', async () => {
        const hour = { $gte: from, $lt: to }
        const [events, hours] = await Promise.all([
          sums(by, hour),
          gaps.find({ system, name: 'gaps', hour }).sort({ hour: 1 }).toArray(),
        ])
        return inOrder([...events, ...gapTotals(hours, by)])
      }),
  }
}
