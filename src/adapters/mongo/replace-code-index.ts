import { MongoServerError, type Db } from 'mongodb'
import { codeIndexState } from '../../domain/code-index.ts'
import { inMongo } from './errors.ts'

const OPTIONS_CONFLICT = new Set([85, 86])
/** Shared codes named, and people named for each. */
const NAMED = 20
const PEOPLE = 5

export interface SharedCode {
  readonly code: string | null
  readonly identities: readonly string[]
  readonly count: number
}

export type IndexReplaced =
  | { readonly did: 'nothing'; readonly index: string }
  | { readonly did: 'created' }
  | { readonly did: 'replaced'; readonly dropped: string }

/**
 * Codes that more than one user has, most shared first. A `code: null` that is written out counts: a sparse index
 * does index it.
 */
export function sharedCodes(db: Db): Promise<SharedCode[]> {
  return inMongo('users', 'find', async () => {
    const found = await db
      .collection<{ _id: string }>('users')
      .aggregate<{ _id: string | null; count: number; identities: string[] }>(
        [
          { $match: { code: { $exists: true } } },
          {
            $group: {
              _id: '$code',
              count: { $sum: 1 },
              identities: { $firstN: { input: '$_id', n: PEOPLE } },
            },
          },
          { $match: { count: { $gt: 1 } } },
          { $sort: { count: -1, _id: 1 } },
          { $limit: NAMED },
        ],
        { allowDiskUse: true },
      )
      .toArray()
    return found.map(({ _id, count, identities }) => ({ code: _id, count, identities }))
  })
}

/**
 * Makes the index on `users.code` keep codes apart. The new index comes before the old one goes where the server
 * allows both; elsewhere the reservations of ours keep codes apart in between. Fails with `mongo-denied`.
 */
export async function replaceCodeIndex(db: Db): Promise<IndexReplaced> {
  const users = db.collection('users')
  const found = codeIndexState(await inMongo('users', 'listIndexes', () => listIndexes(db)))
  if (found.state === 'equivalent') return { did: 'nothing', index: found.name }
  const create = () =>
    users.createIndex({ code: 1 }, { unique: true, sparse: true, name: 'code_unique_sparse' })
  const drop = (name: string) => inMongo('users', 'dropIndex', () => users.dropIndex(name))
  if (found.state === 'missing') {
    await inMongo('users', 'createIndex', create)
    return { did: 'created' }
  }
  const beside = await inMongo('users', 'createIndex', async () => {
    try {
      await create()
      return true
    } catch (error) {
      if (error instanceof MongoServerError && OPTIONS_CONFLICT.has(Number(error.code))) return false
      throw error
    }
  })
  await drop(found.name)
  if (!beside) await inMongo('users', 'createIndex', create)
  return { did: 'replaced', dropped: found.name }
}

async function listIndexes(db: Db) {
  try {
    return await db.collection('users').listIndexes().toArray()
  } catch (error) {
    if (error instanceof MongoServerError && error.codeName === 'NamespaceNotFound') return []
    throw error
  }
}
