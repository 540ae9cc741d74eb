import { MongoNetworkTimeoutError, MongoServerError, type Db } from 'mongodb'
import type { CodeIndexDetail } from '../../contracts/atproto/code-index.ts'
import {
  assessCodeIndexes,
  freeIndexName,
  type CodeIndexState,
  type IndexDescription,
} from '../../domain/atproto/code-index.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { UserDocument } from './documents.ts'
import { codeNameOf, duplicateKey, callMongo, isRefused } from './lib/errors.ts'
import { QUICK_PASS_MS, sharedCodes } from './shared-codes.ts'

/** How long the state of the index is cached, in milliseconds. */
const FRESH_MS = 30_000
/** The pause after an attempt to create the index that timed out or met shared codes. */
const CREATE_AGAIN_MS = 10 * 60_000
const NOT_ON_VIEWS = 166

/** The way in which codes are kept unique now. */
export type CodeUniqueness =
  /** An index keeps them unique; `lacking` where it should be changed all the same. */
  | { readonly by: 'index'; readonly lacking?: CodeIndexDetail }
  /** No index keeps them unique, so a reservation of our own does; the operator has something to change. */
  | { readonly by: 'reservation'; readonly lacking: CodeIndexDetail }

export interface CodeIndex {
  /**
   * Assesses the indexes, creates ours where none exists and one can be created, and returns how codes are kept unique.
   * Only an index for which MongoDB refuses every code makes it fail. Creates no index but the one on `code`.
   */
  ensureUnique(): Promise<CodeUniqueness>
  /** The same assessment, including the obstacles to a missing index; changes nothing. */
  assess(): Promise<CodeIndexState>
}

export function createCodeIndex(db: Db, now: () => number = Date.now): CodeIndex {
  const users = db.collection<UserDocument>('users')
  let known: { uniqueness: CodeUniqueness; until: number } | null = null
  let tried: { uniqueness: CodeUniqueness; until: number } | null = null

  const create = (indexes: readonly IndexDescription[]): Promise<CodeUniqueness> =>
    callMongo('users', 'createIndex', async () => {
      try {
        await users.createIndex({ code: 1 }, { unique: true, sparse: true, name: freeIndexName(indexes) })
        return { by: 'index' }
      } catch (error) {
        if (duplicateKey(error) !== null) return { by: 'reservation', lacking: { fault: 'duplicates' } }
        if (error instanceof MongoNetworkTimeoutError)
          return { by: 'reservation', lacking: { fault: 'building' } }
        // Another process created an index at the same time, or MongoDB has a further limit: no reason for a signup to
        // wait.
        if (isRefused(error))
          return { by: 'reservation', lacking: { fault: 'refused', codeName: codeNameOf(error) } }
        throw error
      }
    })

  const ensureUniqueNow = async (): Promise<CodeUniqueness> => {
    const indexes = await indexesOf(db)
    const found = stateOf(indexes)
    if (found.state === 'equivalent') return { by: 'index' }
    if (found.state === 'missing') {
      if (tried !== null && now() < tried.until) return tried.uniqueness
      const guard = await create(typeof indexes === 'string' ? [] : indexes)
      const costly = guard.lacking?.fault === 'duplicates' || guard.lacking?.fault === 'building'
      tried = costly ? { uniqueness: guard, until: now() + CREATE_AGAIN_MS } : null
      return guard
    }
    const { detail, unique } = found
    if (detail.fault === 'refuses-codes')
      throw new OutsideError('index-not-equivalent', 'an index on users.code rejects every code', { detail })
    return { by: unique ? 'index' : 'reservation', lacking: detail }
  }

  return {
    assess: () => assessCodeIndex(db),
    async ensureUnique() {
      if (known === null || known.until < now())
        known = { uniqueness: await ensureUniqueNow(), until: now() + FRESH_MS }
      return known.uniqueness
    },
  }
}

/**
 * Assesses whether user codes are kept unique, and the obstacles; every caller uses this one assessment. Without an
 * index it searches for shared codes, for at most `lookMs`.
 */
export async function assessCodeIndex(db: Db, lookMs = QUICK_PASS_MS): Promise<CodeIndexState> {
  const found = stateOf(await indexesOf(db))
  if (found.state !== 'missing') return found
  try {
    const shared = await sharedCodes(db, { withinMs: lookMs, most: 1 })
    if (shared.length === 0) return found
    return { state: 'not-equivalent', detail: { fault: 'duplicates' }, unique: false }
  } catch (error) {
    if (!(error instanceof OutsideError) || error.problem !== 'mongo-slow') throw error
    const { limit = '' } = error.detail
    return { state: 'not-equivalent', detail: { fault: 'not-looked-through', limit }, unique: false }
  }
}

function stateOf(indexes: readonly IndexDescription[] | string): CodeIndexState {
  if (typeof indexes !== 'string') return assessCodeIndexes(indexes)
  return { state: 'not-equivalent', detail: { fault: 'unsupported', type: indexes }, unique: false }
}

/** Every index of a collection, none if it does not exist; its type if that supports no unique indexes. */
export function indexesOf(db: Db, collection = 'users'): Promise<readonly IndexDescription[] | string> {
  return callMongo(collection, 'listIndexes', async () => {
    try {
      const indexes: IndexDescription[] = await db.collection(collection).listIndexes().toArray()
      // Every collection except a time-series collection has one on _id.
      return indexes.length === 0 ? 'time-series collection' : indexes
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error
      if (error.code === NOT_ON_VIEWS) return 'view'
      if (error.codeName === 'NamespaceNotFound') return []
      throw error
    }
  })
}
