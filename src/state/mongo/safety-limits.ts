import { randomUUID } from 'node:crypto'
import type { Db, Document } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import type { LimitedAction } from '../../domain/safety-limit.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { createExpiry } from '../../adapters/mongo/lib/expiry.ts'
import { createHourlyLimits } from '../lib/hourly-limits.ts'
import type { HeldActionsStore, SafetyLimits } from '../ports/safety-limits.ts'

const COLLECTION = 'holdfast_brakes'
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/**
 * The duration of an admission: a workflow that lost the answer, or waits for its next attempt, is not counted twice.
 */
const ADMITTED_MS = 24 * HOUR_MS
/** The duration of a hold after its last request: a waiting workflow requests admission every quarter of an hour. */
const HELD_MS = 7 * 24 * HOUR_MS

/** `<system>/<kind>/<hash>`: one person. The hash names nobody to a reader of the database. */
interface PersonDocument {
  _id: string
  kind: string
  state: 'admitted' | 'held'
  since: Date
  /** Whether an operator released it. */
  released: boolean
  /** The part of the person's data that the action concerns. */
  about?: string
  /** Missing in holds from before holds expired. */
  expiresAt?: Date
}

/** `<system>/<kind>`: the number of admissions, by minute. */
interface CounterDocument {
  _id: string
  /** At most one entry a minute of the last hour. */
  minutes: { at: Date; count: number }[]
  /** The request that was admitted last, so that each caller can recognise its own outcome. */
  granted: string | null
}

/** `limits` and `countPeople`: as for `createHourlyLimits`. */
export function createSafetyLimits(
  db: Db,
  system: System,
  limits: Readonly<Record<LimitedAction, number | null>>,
  countPeople: () => Promise<number>,
): SafetyLimits {
  const people = db.collection<PersonDocument>(COLLECTION)
  const counters = db.collection<CounterDocument>(COLLECTION)
  const expire = createExpiry(db.collection<PersonDocument & { expiresAt: Date }>(COLLECTION))
  const { kindOf, idOf, load, extendHolds, decision } = parts(db, system)

  const limitOf = createHourlyLimits(limits, countPeople)

  /** Takes this many of the hour's places; false when fewer are left. */
  const take = async (kind: LimitedAction, limit: number, places = 1): Promise<boolean> => {
    const request = randomUUID()
    const after = await counters.findOneAndUpdate({ _id: kindOf(kind) }, counting(request, limit, places), {
      upsert: true,
      returnDocument: 'after',
    })
    return after?.granted === request
  }

  return {
    admit: (kind, person, about) =>
      callMongo(COLLECTION, 'update', async () => {
        await expire()
        const known = await load(kind, person)
        const limit = await limitOf(kind)
        if (known?.state === 'held') {
          await extendHolds([known._id])
          return { admitted: false, since: known.since.toISOString(), limit }
        }
        if (known !== null) return { admitted: true, wasHeld: known.released }
        const admitted = await take(kind, limit)
        // Another request for this person may have been decided in between: its decision stands.
        const decided = await people.findOneAndUpdate(
          { _id: idOf(kind, person) },
          {
            $setOnInsert: { ...decision(kind, admitted), ...(about === undefined ? {} : { about }) },
          },
          { upsert: true, returnDocument: 'after' },
        )
        if (decided?.state !== 'held') return { admitted: true, wasHeld: decided?.released ?? false }
        return { admitted: false, since: decided.since.toISOString(), limit }
      }),

    admitAll: (kind, all, about) =>
      callMongo(COLLECTION, 'update', async () => {
        await expire()
        const ids = all.map((person) => idOf(kind, person))
        const known = await people.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray()
        const before = new Set(known.map(({ _id }) => _id))
        const fresh = ids.filter((id) => !before.has(id))
        await extendHolds([...before])
        if (fresh.length === 0) return
        const admitted = await take(kind, await limitOf(kind), fresh.length)
        await people.bulkWrite(
          fresh.map((_id) => ({
            updateOne: {
              filter: { _id },
              update: { $setOnInsert: { ...decision(kind, admitted), about } },
              upsert: true,
            },
          })),
          { ordered: false },
        )
      }),

    ...createHeldActions(db, system),
  }
}

/** The same without the limits, which only workers know: for commands. */
export function createHeldActions(db: Db, system: System): HeldActionsStore {
  const people = db.collection<PersonDocument>(COLLECTION)
  const counters = db.collection<CounterDocument>(COLLECTION)
  const { kindOf, idOf, load, extendHolds, decision } = parts(db, system)
  return {
    async allow(kind, all) {
      if (all.length === 0) return
      await callMongo(COLLECTION, 'update', () =>
        people.bulkWrite(
          all.map((person) => ({
            updateOne: {
              filter: { _id: idOf(kind, person) },
              update: { $set: { ...decision(kind, true), released: true } },
              upsert: true,
            },
          })),
          { ordered: false },
        ),
      )
    },

    heldSince: (kind, person) =>
      callMongo(COLLECTION, 'find', async () => {
        const known = await load(kind, person)
        return known?.state === 'held' ? known.since.toISOString() : null
      }),

    extendHold: (kind, person) =>
      callMongo(COLLECTION, 'update', async () => {
        await extendHolds([idOf(kind, person)])
        const known = await load(kind, person)
        return known?.state === 'held' ? known.since.toISOString() : null
      }),

    async removeHold(kind, person) {
      await callMongo(COLLECTION, 'delete', () => people.deleteOne({ _id: idOf(kind, person) }))
    },

    countHeld: (kind) =>
      callMongo(COLLECTION, 'find', async () => {
        const which = { kind: kindOf(kind), state: 'held' } as const
        const groups = await people
          .aggregate<{ _id: string | null; count: number; since: Date }>([
            { $match: which },
            { $group: { _id: '$about', count: { $sum: 1 }, since: { $min: '$since' } } },
            { $sort: { since: 1 } },
          ])
          .toArray()
        return {
          count: groups.reduce((sum, { count }) => sum + count, 0),
          since: groups[0]?.since.toISOString() ?? null,
          about: Object.fromEntries(groups.flatMap(({ _id, count }) => (_id === null ? [] : [[_id, count]]))),
        }
      }),

    release: (kind) =>
      callMongo(COLLECTION, 'update', async () => {
        const { modifiedCount } = await people.updateMany(
          { kind: kindOf(kind), state: 'held' },
          {
            $set: { state: 'admitted', released: true, expiresAt: new Date(Date.now() + ADMITTED_MS) },
          },
        )
        await counters.deleteOne({ _id: kindOf(kind) })
        return modifiedCount
      }),
  }
}

function parts(db: Db, system: System) {
  const people = db.collection<PersonDocument>(COLLECTION)
  const kindOf = (kind: LimitedAction): string => `${system}/${kind}`
  const idOf = (kind: LimitedAction, person: string): string => `${kindOf(kind)}/${person}`
  return {
    kindOf,
    idOf,
    load: (kind: LimitedAction, person: string) => people.findOne({ _id: idOf(kind, person) }),
    extendHolds: (ids: readonly string[]) =>
      people.updateMany(
        { _id: { $in: [...ids] }, state: 'held' },
        { $set: { expiresAt: new Date(Date.now() + HELD_MS) } },
      ),
    decision: (kind: LimitedAction, admitted: boolean, now = new Date()): Omit<PersonDocument, '_id'> => ({
      kind: kindOf(kind),
      state: admitted ? 'admitted' : 'held',
      since: now,
      released: false,
      expiresAt: new Date(now.getTime() + (admitted ? ADMITTED_MS : HELD_MS)),
    }),
  }
}

/** Drops minutes older than an hour, then counts this request in the current minute if there is room. */
function counting(request: string, limit: number, places: number): Document[] {
  const minute = { $subtract: ['$$NOW', { $mod: [{ $toLong: '$$NOW' }, MINUTE_MS] }] }
  const recent = { $gt: ['$$this.at', { $subtract: ['$$NOW', HOUR_MS] }] }
  const counted = {
    $concatArrays: [
      { $filter: { input: '$minutes', cond: { $ne: ['$$this.at', minute] } } },
      [
        {
          at: minute,
          count: {
            $add: [
              places,
              {
                $sum: {
                  $map: {
                    input: { $filter: { input: '$minutes', cond: { $eq: ['$$this.at', minute] } } },
                    in: '$$this.count',
                  },
                },
              },
            ],
          },
        },
      ],
    ],
  }
  return [
    { $set: { minutes: { $filter: { input: { $ifNull: ['$minutes', []] }, cond: recent } } } },
    {
      $set: {
        granted: {
          $cond: [{ $lte: [{ $add: [{ $sum: '$minutes.count' }, places] }, limit] }, request, null],
        },
      },
    },
    { $set: { minutes: { $cond: [{ $eq: ['$granted', request] }, counted, '$minutes'] } } },
  ]
}
