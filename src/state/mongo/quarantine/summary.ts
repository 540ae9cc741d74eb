import type { Db } from 'mongodb'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import type { QuarantineSummary } from '../../ports/quarantine.ts'

const COLLECTION = 'holdfast_quarantine'

/** Reads no content and needs no key. */
export function quarantineSummary(db: Db, system: string): Promise<QuarantineSummary> {
  return callMongo(COLLECTION, 'find', async () => {
    const groups = await db
      .collection(COLLECTION)
      .aggregate<{ _id: string; count: number; since: Date }>([
        { $match: { system } },
        { $group: { _id: '$reason', count: { $sum: 1 }, since: { $min: '$firstSeen' } } },
        { $sort: { count: -1, _id: 1 } },
      ])
      .toArray()
    const oldest = groups.map(({ since }) => since.getTime()).toSorted((a, b) => a - b)[0]
    return {
      count: groups.reduce((sum, { count }) => sum + count, 0),
      reasons: Object.fromEntries(groups.map(({ _id, count }) => [_id, count])),
      since: oldest === undefined ? null : new Date(oldest).toISOString(),
    }
  })
}
