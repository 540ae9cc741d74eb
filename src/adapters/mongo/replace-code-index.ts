import { MongoServerError, type CreateIndexesOptions, type Db, type IndexSpecification } from 'mongodb'
import { CODE_INDEX, MAX_INDEXES } from '../../contracts/atproto/code-index.ts'
import { assessCodeIndexes, freeIndexName, type IndexDescription } from '../../domain/atproto/code-index.ts'
import { indexesOf } from './code-index.ts'
import { callMongo } from './lib/errors.ts'
import { FULL_PASS_MS } from './shared-codes.ts'
import { callMongoWithin } from './lib/within-time.ts'

/** MongoDB's errors for an index whose keys and options exist under another name, or whose name has other keys. */
const CONFLICTS = new Set([85, 86])
const TEMPORARY = 'code_unique_while_replacing'
/** Building an index reads the whole collection. */
const BUILD_MS = FULL_PASS_MS
const CREATING = { collection: 'users', action: 'createIndex' } as const

export type IndexReplacement =
  | { readonly did: 'nothing'; readonly index: string }
  /** An index keeps codes apart, but an index on other keys has the name `code_unique`. */
  | { readonly did: 'name-taken'; readonly index: string }
  | { readonly did: 'created'; readonly index: string }
  | { readonly did: 'replaced'; readonly index: string; readonly dropped: string }
  /** Another index keeps codes apart, so the wrong one only had to be dropped. */
  | { readonly did: 'dropped'; readonly index: string; readonly dropped: string }
  /** There are 64 indexes and none on `code` that could be dropped. */
  | { readonly did: 'full' }
  | { readonly did: 'unsupported'; readonly type: string }

/**
 * Makes the index on `users.code` keep codes apart; with `rename`, also replaces a correct one under another name by
 * `code_unique`. An index keeps codes apart at every moment in between, except where the collection has 64: there the
 * old one is dropped first, and restored if the new one cannot be created. Fails with `mongo-denied`, `mongo-refused`,
 * or `mongo-slow` for an index that is not built within a quarter of an hour.
 */
export async function replaceCodeIndex(db: Db, { rename = false } = {}): Promise<IndexReplacement> {
  const indexes = await indexesOf(db)
  if (typeof indexes === 'string') return { did: 'unsupported', type: indexes }
  const found = assessCodeIndexes(indexes)
  if (found.state === 'not-equivalent' && found.detail.fault === 'full') return { did: 'full' }
  const name = freeIndexName(indexes)
  if (found.state === 'missing') {
    await create(db, name)
    return { did: 'created', index: name }
  }
  const oldName = found.state === 'equivalent' ? found.name : found.detail['index']
  if (found.state === 'equivalent' && (!rename || oldName === CODE_INDEX))
    return { did: 'nothing', index: found.name }
  if (found.state === 'equivalent' && name !== CODE_INDEX) return { did: 'name-taken', index: found.name }
  const old = indexes.find((index) => index.name === oldName)
  if (old?.name === undefined) throw new Error('the index on users.code has no name')

  const left = assessCodeIndexes(indexes.filter((index) => index !== old))
  if (found.state === 'not-equivalent' && left.state === 'equivalent') {
    await drop(db, old.name)
    return { did: 'dropped', index: left.name, dropped: old.name }
  }

  const done = {
    did: 'replaced',
    index: old.name === CODE_INDEX ? CODE_INDEX : name,
    dropped: old.name,
  } as const
  if (indexes.length >= MAX_INDEXES) await dropThenCreate(db, old, done.index)
  else if (old.name === CODE_INDEX || !(await createBeside(db, done.index)))
    await createBehindTemporary(db, old, done.index)
  else await drop(db, old.name)
  return done
}

/** False where the old index has the same keys and options. */
function createBeside(db: Db, name: string): Promise<boolean> {
  return callMongoWithin(BUILD_MS, CREATING, async (limit) => {
    try {
      await db.collection('users').createIndex({ code: 1 }, { unique: true, sparse: true, name, ...limit })
      return true
    } catch (error) {
      if (error instanceof MongoServerError && CONFLICTS.has(Number(error.code))) return false
      throw error
    }
  })
}

/** An index in the other direction keeps codes apart while the old one is dropped and the new one is created. */
async function createBehindTemporary(db: Db, old: IndexDescription, name: string): Promise<void> {
  await create(db, TEMPORARY, { code: -1 })
  await drop(db, old.name ?? '')
  await create(db, name)
  await drop(db, TEMPORARY)
}

async function dropThenCreate(db: Db, old: IndexDescription, name: string): Promise<void> {
  await drop(db, old.name ?? '')
  try {
    await create(db, name)
  } catch (error) {
    const { key, v: _, ...options } = old as IndexDescription & { v?: number }
    await callMongoWithin(BUILD_MS, CREATING, (limit) =>
      db
        .collection('users')
        .createIndex(key as IndexSpecification, { ...(options as CreateIndexesOptions), ...limit }),
    )
    throw error
  }
}

function create(db: Db, name: string, key: IndexSpecification = { code: 1 }): Promise<string> {
  return callMongoWithin(BUILD_MS, CREATING, (limit) =>
    db.collection('users').createIndex(key, { unique: true, sparse: true, name, ...limit }),
  )
}

async function drop(db: Db, name: string): Promise<void> {
  await callMongo('users', 'dropIndex', () => db.collection('users').dropIndex(name))
}
