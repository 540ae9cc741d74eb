import type { Db } from 'mongodb'
import { inMongo } from './errors.ts'

const COLLECTION = 'holdfast_ignored'

interface IgnoredDocument {
  _id: string
  system: string
  tenant: string
  reason: string
  since: Date
  until: Date
}

/** Somebody who is left out of alerts and counted apart. Times are ISO 8601. */
export interface IgnoredPerson {
  readonly identity: string
  readonly tenant: string
  readonly reason: string
  readonly since: string
  readonly until: string
}

export interface Ignored {
  /** Ignores a person until then; again means until the new time, for the new reason. */
  add(person: {
    system: string
    tenant: string
    identity: string
    until: Date
    reason: string
  }): Promise<void>
  /** False where nobody of that name was ignored. */
  drop(identity: string): Promise<boolean>
  /** Those who are ignored now, the one whose time is over first, first. */
  list(system: string): Promise<IgnoredPerson[]>
}

/** `holdfast_ignored`: test accounts and the like. When the time is over the person counts again, index or no index. */
export function createIgnored(db: Db, now: () => Date = () => new Date()): Ignored {
  const ignored = db.collection<IgnoredDocument>(COLLECTION)
  return {
    add: ({ identity, ...rest }) =>
      inMongo(COLLECTION, 'update', async () => {
        await ignored.deleteMany({ until: { $lt: now() } })
        await ignored.updateOne(
          { _id: identity },
          { $set: rest, $setOnInsert: { since: now() } },
          { upsert: true },
        )
      }),
    drop: async (identity) => {
      const { deletedCount } = await inMongo(COLLECTION, 'delete', () => ignored.deleteOne({ _id: identity }))
      return deletedCount > 0
    },
    list: (system) =>
      inMongo(COLLECTION, 'find', async () => {
        const found = await ignored
          .find({ system, until: { $gt: now() } })
          .sort({ until: 1 })
          .toArray()
        return found.map(({ _id, tenant, reason, since, until }) => ({
          identity: _id,
          tenant,
          reason,
          since: since.toISOString(),
          until: until.toISOString(),
        }))
      }),
  }
}
