import type { Db, Filter } from 'mongodb'
import type { UserDocument, VerificationDocument } from './documents.ts'
import { callMongo } from './lib/errors.ts'

/** Finds missing records of many people at once: one query per collection, however many they are. */
export interface MissingRecords {
  /** The people without a verification, a user record or its code: their signup was missed, or not finished. */
  withoutRecords(identities: readonly string[]): Promise<ReadonlySet<string>>
  /** The people who have no account yet. */
  withoutAccount(identities: readonly string[]): Promise<ReadonlySet<string>>
}

export function createMissingRecords(db: Db): MissingRecords {
  const verifications = db.collection<VerificationDocument>('verifications')
  const users = db.collection<UserDocument>('users')

  const usersWith = (identities: readonly string[], filter: Filter<UserDocument>): Promise<string[]> =>
    callMongo('users', 'find', async () => {
      const found = users.find({ _id: { $in: [...identities] }, ...filter }, { projection: { _id: 1 } })
      return (await found.toArray()).map(({ _id }) => _id)
    })

  return {
    async withoutRecords(identities) {
      if (identities.length === 0) return new Set()
      const [verified, coded] = await Promise.all([
        callMongo('verifications', 'find', () =>
          verifications.find({ _id: { $in: [...identities] } }, { projection: { _id: 1 } }).toArray(),
        ),
        usersWith(identities, { code: { $nin: [null, ''] } }),
      ])
      const [hasVerification, hasCode] = [new Set(verified.map(({ _id }) => _id)), new Set(coded)]
      return new Set(
        identities.filter((identity) => !hasVerification.has(identity) || !hasCode.has(identity)),
      )
    },

    async withoutAccount(identities) {
      if (identities.length === 0) return new Set()
      const made = new Set(await usersWith(identities, { 'atproto.did': { $nin: [null, ''] } }))
      return new Set(identities.filter((identity) => !made.has(identity)))
    },
  }
}
