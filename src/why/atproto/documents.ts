import type { UserDocument } from '../../adapters/mongo/documents.ts'
import { createPds } from '../../adapters/pds/pds.ts'
import { createPersonalData } from '../../state/mongo/personal-data.ts'
import type { OnePerson } from '../one-person.ts'
import { pdsOf } from './sources.ts'

/** The application's collections in MongoDB. */
export const documents: OnePerson['documents'] = (person, { system, db, keyring, hash }) =>
  createPersonalData(db(), system, keyring, hash).read('application', person)

/** The account that the user record names. */
export const outside: NonNullable<OnePerson['outside']> = async (stores, { env }) => {
  const user = stores['users']?.[0] as UserDocument | undefined
  const did = user?.atproto?.did
  return { pds: did === undefined ? null : await createPds(pdsOf(env)).accountByDid(did) }
}
