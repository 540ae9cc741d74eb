import type { Db } from 'mongodb'
import type { DeletionSource } from '../../contracts/deletion.ts'
import type { System } from '../../contracts/systems.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { ownDocuments } from './lib/own-documents.ts'

const COLLECTION = 'holdfast_tombstones'

/** The origin of the deletion: an event of the provider, an operator's command, or a forced one. */
export type DeletedBy = DeletionSource | 'force'

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

export interface Tombstone {
  /** The time of the deletion; a person created later under the same identity is another person. */
  readonly at: Date
  /** Null while the deletion is in progress. */
  readonly finishedAt: Date | null
  readonly erased: Readonly<Record<string, number>>
  /** The first origin; null where it is not known. */
  readonly by: DeletedBy | null
  /** Keyed hashes of the people with whom an account of this person's stayed, since their records name it too. */
  readonly leftTo: readonly string[]
}

export interface Tombstones {
  find(identity: string): Promise<Tombstone | null>
  /** The tombstones of many people, by identity, in one query; people without one are left out. */
  findAll(identities: readonly string[]): Promise<Map<string, Tombstone>>
  /** The number of people deleted since then. */
  countSince(since: Date): Promise<number>
  /**
   * The number of deleted people whose account stayed with a person who still lives. A holder who was deleted later is
   * not counted, since the account went with them.
   */
  countAccountsLeft(): Promise<number>
  /** Stores the tombstone before any data is deleted; a later time replaces the stored one, an earlier one does not. */
  set(identity: string, at: Date, by?: DeletedBy): Promise<void>
  /** Marks the deletion as complete. Counts are added to those of earlier deletions. */
  finish(
    identity: string,
    erased: Readonly<Record<string, number>>,
    rest?: { readonly unjudged?: number; readonly leftTo?: readonly string[] },
  ): Promise<void>
  /**
   * Removes the tombstone for a person created anew: only if it is unchanged since `seen`, and only when its deletion
   * is complete.
   */
  lift(identity: string, seen: Tombstone): Promise<void>
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
        tombstones.updateOne(
          one(identity),
          {
            $setOnInsert: { system, erased: {}, by },
            $max: { at },
            $set: { finishedAt: null },
          },
          { upsert: true },
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
