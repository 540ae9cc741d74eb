import type { Db, Filter } from 'mongodb'
import type { UserDocument, VerificationDocument } from './documents.ts'
import { inMongo } from './errors.ts'

/** What the application's records say about many people at once: one query a collection, however many they are. */
export interface Standing {
  /** Those of whom a verification, a user record or its code is missing: nobody told us of them, or not to the end. */
  withoutRecords(identities: readonly string[]): Promise<ReadonlySet<string>>
  /** Those who have no account yet. */
  withoutAccount(identities: readonly string[]): Promise<ReadonlySet<string>>
}

export function createStanding(db: Db): Standing {
  const verifications = db.collection<VerificationDocument>('verifications')
  const users = db.collection<UserDocument>('users')

  const usersWith = (identities: readonly string[], filter: Filter<UserDocument>): Promise<string[]> =>
    inMongo('users', 'find', async () => {
      const found = users.find({ _id: { $in: [...identities] }, ...filter }, { projection: { _id: 1 } })
      return (await found.toArray()).map(({ _id }) => _id)
    })

  return {
    async withoutRecords(identities) {
      if (identities.length === 0) return new Set()
      const [verified, coded] = await Promise.all([
        inMongo('verifications', 'find', () =>
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
