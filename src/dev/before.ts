import { MongoClient } from 'mongodb'
import type { HandleDocument, VerificationDocument } from '../adapters/mongo/documents.ts'
import type { Stack } from '../embedded/stack.ts'
import { FIVE } from './five.ts'

/** Long enough ago that no grace time covers them. */
const DAYS_AGO_MS = 3 * 24 * 3_600_000

/**
 * What the system before this one left of the five: they signed up, four verified, and all there is of them is a
 * verification record each and the handles they chose. No event, no workflow. What is there already is left as it is.
 */
export async function leaveBefore({ auth0, mongo: { uri, dbName } }: Stack): Promise<string> {
  const tenant = auth0.get('aesthetic')
  if (tenant === undefined) throw new Error('no tenant aesthetic to leave the five in')
  const mongo = new MongoClient(uri)
  try {
    const db = mongo.db(dbName)
    const verifications = db.collection<VerificationDocument>('verifications')
    const handles = db.collection<HandleDocument>('@handles')
    // The index whose name the old code did not expect: the error was swallowed, and nobody got a user record.
    await db.collection('users').createIndex({ code: 1 }, { unique: true, sparse: true, name: 'code_1' })
    for (const [index, { email, handle, verifies }] of FIVE.entries()) {
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

const BEFORE = `Five people signed up in tenant aesthetic three days ago; four verified their e-mail. The system of that time
left 5 verifications, 3 handles, no users and no accounts, and told nobody.

  npx holdfast audit atproto                     what is missing
  npx holdfast backfill atproto --last 5         what would be repaired
  npx holdfast backfill atproto --last 5 --fix   repair it, and look again

Here nothing runs by schedule, since the catch-up would find and repair the five within a minute. To see that instead:
npx holdfast schedules atproto apply
`
