import type { Db } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { ownDocuments } from './lib/own-documents.ts'
import { upsertAgain } from './lib/upsert.ts'
import type { DeletedBy, Tombstone, Tombstones } from '../ports/tombstones.ts'

const COLLECTION = 'holdfast_tombstones'

interface TombstoneDocument {
  /** By the keyed hash of the identity: it names nobody to a reader of the database. */
  _id: string
  system: System | null
  at: Date
  finishedAt: Date | null
  /** Missing in tombstones from before the origin was stored. */
  by?: DeletedBy
  /** The number of deleted documents, by store. */
  erased: Record<string, number>
  /** The number of quarantined entries that could not be searched at the time; missing where there were none. */
  unjudged?: number
  /** The people with whom an account stayed, by keyed hash; missing where there are none. */
  leftTo?: string[]
}

/**
 * `holdfast_tombstones`: that a person was deleted, and when; kept permanently, so that no late event creates the
 * person again.
 */
export function createTombstones(db: Db, system: System, hash: (identity: string) => string): Tombstones {
  const tombstones = db.collection<TombstoneDocument>(COLLECTION)
  const { idOf, own } = ownDocuments(system)
  const one = (identity: string) => ({ _id: idOf(hash(identity)), ...own })
  return {
    async find(identity) {
      const found = await callMongo(COLLECTION, 'find', () => tombstones.findOne(one(identity)))
      return found === null ? null : tombstoneOf(found)
    },

    async findAll(identities) {
      const byHash = new Map(identities.map((identity) => [idOf(hash(identity)), identity]))
      const found = await callMongo(COLLECTION, 'find', () =>
        tombstones.find({ _id: { $in: [...byHash.keys()] }, ...own }).toArray(),
      )
      return new Map(found.map((document) => [byHash.get(document._id) ?? '', tombstoneOf(document)]))
    },

    countSince: (since) =>
      callMongo(COLLECTION, 'count', () => tombstones.countDocuments({ at: { $gte: since }, ...own })),

    countAccountsLeft: () =>
      callMongo(COLLECTION, 'aggregate', async () => {
        const [counted] = await tombstones
          .aggregate<{ count: number }>([
            { $match: { leftTo: { $exists: true }, ...own } },
            {
              $addFields: {
                holders: { $map: { input: '$leftTo', in: { $concat: [idOf(''), '$$this'] } } },
              },
            },
            {
              $lookup: {
                from: COLLECTION,
                localField: 'holders',
                foreignField: '_id',
                pipeline: [{ $match: { finishedAt: { $ne: null }, ...own } }, { $project: { _id: 1 } }],
                as: 'gone',
              },
            },
            { $match: { $expr: { $lt: [{ $size: '$gone' }, { $size: '$leftTo' }] } } },
            { $count: 'count' },
          ])
          .toArray()
        return counted?.count ?? 0
      }),

    async set(identity, at, by = 'event') {
      await callMongo(COLLECTION, 'update', () =>
        upsertAgain(() =>
          tombstones.updateOne(
            one(identity),
            {
              $setOnInsert: { system, erased: {}, by },
              $max: { at },
              $set: { finishedAt: null },
            },
            { upsert: true },
          ),
        ),
      )
    },

    async finish(identity, erased, { unjudged = 0, leftTo = [] } = {}) {
      const counts = Object.entries(erased).map(([store, count]) => [`erased.${store}`, count] as const)
      await callMongo(COLLECTION, 'update', () =>
        tombstones.updateOne(
          { ...one(identity), finishedAt: null },
          {
            $currentDate: { finishedAt: true },
            ...(unjudged === 0 ? {} : { $set: { unjudged } }),
            ...(leftTo.length === 0 ? {} : { $addToSet: { leftTo: { $each: [...leftTo] } } }),
            // A person without data has nothing to count, and a server may refuse an empty change.
            ...(counts.length === 0 ? {} : { $inc: Object.fromEntries(counts) }),
          },
        ),
      )
    },

    async lift(identity, { at }) {
      await callMongo(COLLECTION, 'delete', () =>
        tombstones.deleteOne({ ...one(identity), at, finishedAt: { $ne: null } }),
      )
    },
  }
}

function tombstoneOf({ at, finishedAt, erased, by, leftTo }: TombstoneDocument): Tombstone {
  return { at, finishedAt, erased, by: by ?? null, leftTo: leftTo ?? [] }
}
