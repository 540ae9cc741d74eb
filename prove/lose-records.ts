import { createHeldActions } from '../src/state/mongo/safety-limits.ts'
import type { UserDocument, VerificationDocument } from '../src/adapters/mongo/documents.ts'
import { createPersonMemory } from '../src/state/mongo/atproto/person-memory.ts'
import type { Round } from './people.ts'
import type { Testbed } from './testbed.ts'
import type { Person } from './people.ts'
import type { Lost } from './plan.ts'

const usersOf = ({ db }: Testbed) => db.collection<UserDocument>('users')

/** Removes a record of a person, as an operator's mistake does, and has it repaired, as a backfill does. */
export async function loseRecord(testbed: Testbed, person: Person, what: Lost): Promise<void> {
  await recordIdentifiers(testbed, person)
  const which = { _id: person.identity }
  if (what === 'user record') await usersOf(testbed).deleteOne(which)
  else if (what === 'code') await usersOf(testbed).updateOne(which, { $unset: { code: '' } })
  else if (what === 'account') await usersOf(testbed).updateOne(which, { $unset: { atproto: '' } })
  else await testbed.db.collection<VerificationDocument>('verifications').deleteOne(which)
  await repair(testbed, person)
}

/** Restores `users` from the copy made by the last `quiesce`: later changes are missing from it. */
export async function restoreUsers(testbed: Testbed, round: Round): Promise<void> {
  const copy = new Map(round.usersBackup.map((user) => [user._id, user]))
  for (const person of round.people.values()) {
    const old = copy.get(person.identity)
    const which = { _id: person.identity }
    await recordIdentifiers(testbed, person)
    if (old === undefined) await usersOf(testbed).deleteOne(which)
    else if (!old.atproto?.did) await usersOf(testbed).updateOne(which, { $unset: { atproto: '' } })
    await repair(testbed, person)
  }
}

/**
 * Notes code and account that are both in `users` and remembered: they must stay the person's. A person whose step is
 * in flight has neither yet.
 */
async function recordIdentifiers({ db }: Testbed, person: Person): Promise<void> {
  const { user, remembered } = await createPersonMemory(db).loadWithUser(person.identity)
  if (user?.code && user.code === remembered?.code) person.mustKeep.code = user.code
  const did = user?.atproto?.did
  if (did && did === remembered?.account?.did) person.mustKeep.did = did
}

async function repair(testbed: Testbed, { tenant, identity }: Person): Promise<void> {
  const brakes = createHeldActions(testbed.db, 'atproto')
  await brakes.allow('repairs', [testbed.hash(identity)])
  await testbed.signups.notify({ tenant, identity, hint: 'retry' })
}
