import { MongoServerError, type Db } from 'mongodb'
import { codeIndexState, type CodeIndexState } from '../../domain/code-index.ts'
import type { ProblemDetail } from '../../domain/outside-error.ts'
import type { UserDocument } from './documents.ts'
import { duplicateKey, inMongo } from './errors.ts'

/** How long the state of the index is taken as known, in milliseconds. */
const FRESH_MS = 30_000

/** How codes are kept apart right now. */
export type CodeGuard =
  | { readonly by: 'index' }
  /** The index does not do it; a reservation of our own does, and the operator has something to change. */
  | { readonly by: 'reservation'; readonly lacking: ProblemDetail }

export interface CodeIndex {
  /** Looks at the index, creates it where there is none, and says what keeps codes apart. Creates nothing beside an index that is there. */
  guard(): Promise<CodeGuard>
  /** Looks, and changes nothing. */
  look(): Promise<CodeIndexState>
}

export function createCodeIndex(db: Db, now: () => number = Date.now): CodeIndex {
  const users = db.collection<UserDocument>('users')
  let known: { guard: CodeGuard; until: number } | null = null

  const look = async (): Promise<CodeGuard> => {
    const found = codeIndexState(await inMongo('users', 'listIndexes', listIndexes))
    if (found.state === 'equivalent') return { by: 'index' }
    if (found.state === 'not-equivalent')
      return { by: 'reservation', lacking: { index: found.name, lacks: found.lacks } }
    return inMongo('users', 'createIndex', async () => {
      try {
        await users.createIndex({ code: 1 }, { unique: true, sparse: true })
        return { by: 'index' }
      } catch (error) {
        if (duplicateKey(error) !== null) return { by: 'reservation', lacking: { duplicates: 'present' } }
        throw error
      }
    })
  }

  const listIndexes = async () => {
    try {
      return await users.listIndexes().toArray()
    } catch (error) {
      if (error instanceof MongoServerError && error.codeName === 'NamespaceNotFound') return []
      throw error
    }
  }

  return {
    look: async () => codeIndexState(await inMongo('users', 'listIndexes', listIndexes)),
    async guard() {
      if (known === null || known.until < now()) known = { guard: await look(), until: now() + FRESH_MS }
      return known.guard
    },
  }
}
