import type { Db } from 'mongodb'
import { callMongoWithin } from './lib/within-time.ts'

/** For an assessment of the index that an operator, or a check with a limit of 20 seconds, waits for. */
export const QUICK_PASS_MS = 15_000
/** For audits and for `--fix-index`: a collection of many millions on a slow disk takes minutes. */
export const FULL_PASS_MS = 15 * 60_000
const BATCH = 1_000

export interface SharedCode {
  /** The code as the application stored it, of any type. */
  readonly code: unknown
  /** The first `people` of the users who have it. */
  readonly identities: readonly string[]
  readonly count: number
}

interface SharedCodesQuery {
  /** Throws `mongo-slow` after this many milliseconds. */
  readonly withinMs: number
  /** The most codes to return, those that most users share; absent: all of them. */
  readonly most?: number
  /** The most people named for each code. */
  readonly people?: number
}

/**
 * Codes that more than one user has, passed on in batches. One pass over `users`. An explicit `code: null` counts,
 * since a sparse index includes it.
 */
export function eachSharedCode(
  db: Db,
  { withinMs, most, people = 0 }: SharedCodesQuery,
  each: (codes: SharedCode[]) => Promise<void>,
): Promise<void> {
  const named = people > 0 ? { identities: { $firstN: { input: '$_id', n: people } } } : {}
  return callMongoWithin(withinMs, { collection: 'users', action: 'aggregate' }, async (limit) => {
    const cursor = db
      .collection('users')
      .aggregate<{ _id: unknown; count: number; identities?: string[] }>(
        [
          { $match: { code: { $exists: true } } },
          { $group: { _id: '$code', count: { $sum: 1 }, ...named } },
          { $match: { count: { $gt: 1 } } },
          ...(most === undefined ? [] : [{ $sort: { count: -1, _id: 1 } }, { $limit: most }]),
        ],
        { allowDiskUse: true, batchSize: BATCH, ...limit },
      )
    let batch: SharedCode[] = []
    for await (const { _id, count, identities = [] } of cursor) {
      batch.push({ code: _id, count, identities })
      if (batch.length === BATCH) {
        await each(batch)
        batch = []
      }
    }
    if (batch.length > 0) await each(batch)
  })
}

/** The same as one list, for a number of codes that is known to be small. */
export async function sharedCodes(
  db: Db,
  query: SharedCodesQuery & { readonly most: number },
): Promise<SharedCode[]> {
  const found: SharedCode[] = []
  await eachSharedCode(db, query, async (codes) => void found.push(...codes))
  return found
}
