import { MongoClient } from 'mongodb'
import type { HandleDocument, VerificationDocument } from '../../src/adapters/mongo/documents.ts'
import type { Stack } from '../servers/atproto-stack.ts'
import { DEMO_PEOPLE } from './demo-people.ts'

/** Long enough ago to be outside every grace period. */
const DAYS_AGO_MS = 3 * 24 * 3_600_000

/**
 * The state that the former system left of the five: they signed up, four verified, and the stores hold only a
 * verification record for each and the handles they chose. There is no event and no workflow. Existing data stays
 * unchanged.
 */
export async function seedStoryBefore({ auth0, mongo: { uri, dbName } }: Stack): Promise<string> {
  const tenant = auth0.get('aesthetic')
  if (tenant === undefined)
    throw new Error('the tenant aesthetic, in which the five people sign up, is missing')
  const mongo = new MongoClient(uri)
  try {
    const db = mongo.db(dbName)
    const verifications = db.collection<VerificationDocument>('verifications')
    const handles = db.collection<HandleDocument>('@handles')
    // The index whose name the old code did not expect: the error was swallowed, and no user record was created.
    await db.collection('users').createIndex({ code: 1 }, { unique: true, sparse: true, name: 'code_1' })
    for (const [index, { email, handle, verifies }] of DEMO_PEOPLE.entries()) {
      if (tenant.users().some((user) => user.email === email)) continue
      const createdAt = new Date(Date.now() - DAYS_AGO_MS + index * 60_000)
      const [identity = ''] = tenant.seedUsers([{ email, verified: verifies, createdAt }])
      await verifications.insertOne({ _id: identity, count: verifies ? 1 : 0 })
      if (handle !== null) await handles.insertOne({ _id: identity, handle })
    }
    return BEFORE
  } finally {
    await mongo.close()
  }
}

const BEFORE = `Five people signed up in tenant aesthetic three days ago; four verified their e-mail. The previous system
left 5 verifications, 3 handles, no users and no accounts, and raised no alert.

  npx holdfast audit atproto                     what is missing
  npx holdfast backfill atproto --last 5         what would be repaired
  npx holdfast backfill atproto --last 5 --fix   repair it, and check again

No schedules run in this story, since the catch-up would find and repair the five within a minute. To see that instead:
npx holdfast schedules atproto apply
`
