import type { Db } from 'mongodb'
import type { HandleDocument, UserDocument, VerificationDocument } from './documents.ts'
import { callMongo } from './lib/errors.ts'

/** Every possible meaning of a search word. */
export interface PersonSearch {
  readonly id: string
  readonly code: string
  /** A handle as chosen in the application. */
  readonly chosenHandle: string
  /** Full handles on the PDS. */
  readonly accountHandles: readonly string[]
}

/** Finds people by id, code, handle or DID. */
export function createPeopleSearch(db: Db): { find(words: PersonSearch): Promise<string[]> } {
  const users = db.collection<UserDocument>('users')
  const handles = db.collection<HandleDocument>('@handles')
  const verifications = db.collection<VerificationDocument>('verifications')
  const only = { projection: { _id: 1 } } as const
  const MOST = 50

  return {
    async find({ id, code, chosenHandle, accountHandles }) {
      const found = await Promise.all([
        callMongo('users', 'find', () =>
          users
            .find(
              {
                $or: [
                  { _id: id },
                  { code },
                  { 'atproto.handle': { $in: [...accountHandles] } },
                  ...(id.startsWith('did:') ? [{ 'atproto.did': id }] : []),
                ],
              },
              only,
            )
            .limit(MOST)
            .toArray(),
        ),
        callMongo('@handles', 'find', () =>
          handles
            .find({ $or: [{ _id: id }, { handle: chosenHandle }] }, only)
            .limit(MOST)
            .toArray(),
        ),
        callMongo('verifications', 'find', () => verifications.find({ _id: id }, only).toArray()),
      ])
      return [...new Set(found.flat().map(({ _id }) => _id))]
    },
  }
}
