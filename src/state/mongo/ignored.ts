import type { Db } from 'mongodb'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'

const COLLECTION = 'holdfast_ignored'

interface IgnoredDocument {
  _id: string
  system: string
  tenant: string
  reason: string
  since: Date
  until: Date
}

/** A person who is excluded from alerts and counted separately. Times are ISO 8601. */
export interface IgnoredPerson {
  readonly identity: string
  readonly tenant: string
  readonly reason: string
  readonly since: string
  readonly until: string
}

export interface Ignored {
  /** Ignores a person until that time; a second call sets a new time and a new reason. */
  add(person: {
    system: string
    tenant: string
    identity: string
    until: Date
    reason: string
  }): Promise<void>
  /** False where no person of that id was ignored. */
  drop(identity: string): Promise<boolean>
  /** The people who are ignored now, ordered by the end of that time, the earliest first. */
  list(system: string): Promise<IgnoredPerson[]>
}

/**
 * `holdfast_ignored`: test accounts and the like. After the end of the time the person counts again, with or without
 * the TTL index.
 */
export function createIgnored(db: Db, now: () => Date = () => new Date()): Ignored {
  const ignored = db.collection<IgnoredDocument>(COLLECTION)
  return {
    add: ({ identity, ...rest }) =>
      callMongo(COLLECTION, 'update', async () => {
        await ignored.deleteMany({ until: { $lt: now() } })
        await ignored.updateOne(
          { _id: identity },
          { $set: rest, $setOnInsert: { since: now() } },
          { upsert: true },
        )
      }),
    drop: async (identity) => {
      const { deletedCount } = await callMongo(COLLECTION, 'delete', () =>
        ignored.deleteOne({ _id: identity }),
      )
      return deletedCount > 0
    },
    list: (system) =>
      callMongo(COLLECTION, 'find', async () => {
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
