import type { Db } from 'mongodb'
import { inMongo } from './errors.ts'

const COLLECTION = 'holdfast_tombstones'

interface TombstoneDocument {
  /** The keyed hash of the identity: it names nobody to a reader of the database. */
  _id: string
  system: string
  at: Date
  finishedAt: Date | null
  /** What the deletions took away, by store. */
  erased: Record<string, number>
}

export interface Tombstone {
  /** When the person was deleted; somebody created later under the same identity is another person. */
  readonly at: Date
  /** Null while the deletion is under way. */
  readonly finishedAt: Date | null
  readonly erased: Readonly<Record<string, number>>
}

export interface Tombstones {
  find(identity: string): Promise<Tombstone | null>
  /** Sets it before anything is taken away; a later time than it has moves it, an earlier one does not. */
  set(identity: string, at: Date): Promise<void>
  /** The deletion is over. Counts are added to those of earlier deletions. */
  finish(identity: string, erased: Readonly<Record<string, number>>): Promise<void>
  /** Takes it away for a person created anew: only the one that was looked at, and only when its deletion is over. */
  lift(identity: string, seen: Tombstone): Promise<void>
}

/** `holdfast_tombstones`: that somebody was deleted, and when; kept for good, so that nothing late brings them back. */
export function createTombstones(db: Db, hash: (identity: string) => string): Tombstones {
  const tombstones = db.collection<TombstoneDocument>(COLLECTION)
  return {
    async find(identity) {
      const found = await inMongo(COLLECTION, 'find', () => tombstones.findOne({ _id: hash(identity) }))
      return found === null ? null : { at: found.at, finishedAt: found.finishedAt, erased: found.erased }
    },

    async set(identity, at) {
      await inMongo(COLLECTION, 'update', () =>
        tombstones.updateOne(
          { _id: hash(identity) },
          {
            $setOnInsert: { system: 'atproto', erased: {} },
            $max: { at },
            $set: { finishedAt: null },
          },
          { upsert: true },
        ),
      )
    },

    async finish(identity, erased) {
      const counts = Object.entries(erased).map(([store, count]) => [`erased.${store}`, count] as const)
      await inMongo(COLLECTION, 'update', () =>
        tombstones.updateOne(
          { _id: hash(identity), finishedAt: null },
          {
            $currentDate: { finishedAt: true },
            // Who had nothing leaves nothing to count, and an empty change is one that a server may refuse.
            ...(counts.length === 0 ? {} : { $inc: Object.fromEntries(counts) }),
          },
        ),
      )
    },

    async lift(identity, { at }) {
      await inMongo(COLLECTION, 'delete', () =>
        tombstones.deleteOne({ _id: hash(identity), at, finishedAt: { $ne: null } }),
      )
    },
  }
}
