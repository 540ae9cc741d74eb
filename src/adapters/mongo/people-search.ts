import type { Db } from 'mongodb'
import type { HandleDocument, UserDocument, VerificationDocument } from './documents.ts'
import { inMongo } from './errors.ts'

/** Everything a word may stand for. */
export interface SearchWords {
  readonly id: string
  readonly code: string
  /** A handle as it is chosen in the application. */
  readonly chosen: string
  /** Handles on the PDS, whole. */
  readonly accountHandles: readonly string[]
}

/** Finds people by what an operator has at hand. */
export function createPeopleSearch(db: Db): { find(words: SearchWords): Promise<string[]> } {
  const users = db.collection<UserDocument>('users')
  const handles = db.collection<HandleDocument>('@handles')
  const verifications = db.collection<VerificationDocument>('verifications')
  const only = { projection: { _id: 1 } } as const
  const MOST = 50

  return {
    async find({ id, code, chosen, accountHandles }) {
      const found = await Promise.all([
        inMongo('users', 'find', () =>
          users
            .find({ $or: [{ _id: id }, { code }, { 'atproto.handle': { $in: [...accountHandles] } }] }, only)
            .limit(MOST)
            .toArray(),
        ),
        inMongo('@handles', 'find', () =>
          handles
            .find({ $or: [{ _id: id }, { handle: chosen }] }, only)
            .limit(MOST)
            .toArray(),
        ),
        inMongo('verifications', 'find', () => verifications.find({ _id: id }, only).toArray()),
      ])
      return [...new Set(found.flat().map(({ _id }) => _id))]
    },
  }
}
