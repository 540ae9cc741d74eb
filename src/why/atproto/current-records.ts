import { createApplicationRecords } from '../../adapters/mongo/application-records.ts'
import type { SignupStatus } from '../../contracts/signup.ts'
import { currentStatus } from '../../domain/atproto/current-status.ts'
import type { OnePerson } from '../one-person.ts'
import { databaseOf } from './database.ts'
import { queryStore } from '../query-store.ts'

/** People whose identity is only known by its hash are shown as Temporal has them. */
export const currentRecords: NonNullable<OnePerson['currentRecords']> = async (signups, context, deleted) => {
  const completed = signups.filter(({ stage, identity }) => stage === 'completed' && identity.includes('|'))
  if (completed.length === 0) return signups
  const identities = completed.map(({ identity }) => identity)
  const answered = await queryStore(context.system, async () => {
    const records = createApplicationRecords(await databaseOf(context))
    return Promise.all([records.load(identities), deleted(identities)])
  })
  if (!answered.asked) return signups
  const [stored, sentences] = answered.value
  const asked = new Set(identities)
  return signups.map((status): SignupStatus => {
    const { identity } = status
    if (!asked.has(identity)) return status
    return currentStatus(status, stored.get(identity) ?? NO_RECORDS, sentences.get(identity) ?? null)
  })
}

const NO_RECORDS = { verifications: null, user: null, chosenHandle: null }
