import type { UserDocument } from '../../adapters/mongo/documents.ts'
import { createPds } from '../../adapters/pds/pds.ts'
import { createAtprotoRecords } from '../../state/mongo/atproto/person-records.ts'
import type { OnePerson } from '../one-person.ts'
import { databaseOf } from './database.ts'
import { pdsOf } from './sources.ts'

export const records: OnePerson['records'] = async (context) =>
  createAtprotoRecords(await databaseOf(context))

/** The account that the user record names. */
export const outside: NonNullable<OnePerson['outside']> = ({ env }) => {
  const pds = createPds(pdsOf(env))
  return Promise.resolve(async (stores) => {
    const user = stores['users']?.[0] as UserDocument | undefined
    const did = user?.atproto?.did
    return { pds: did === undefined ? null : await pds.accountByDid(did) }
  })
}
