import { expect, it } from 'vitest'
import type { AtprotoDeps } from '../../../../src/activities/atproto/deps.ts'
import { accountActivity } from '../../../support/account-activity.ts'
import { newPerson } from '../../../support/people.ts'
import { pdsAdmin } from '../../../support/pds.ts'
import { openWorld } from '../../../support/world.ts'

it('T7: an intent that a deletion removes before the call: no account is created, and the signup starts over', async () => {
  const world = await openWorld()
  const deps = world.connectDeps()
  const { identity, email } = await newPerson(world)
  await deps.users.ensure(identity, new Date(), await deps.codeIndex.ensureUnique())
  await deps.intents.prepare(identity, email, deps.newPassword)
  const late: AtprotoDeps = {
    ...deps,
    intents: {
      ...deps.intents,
      recordAttempt: async (...attempt) => {
        await world.db.collection('holdfast_intents').deleteOne({ _id: identity as never })
        return deps.intents.recordAttempt(...attempt)
      },
    },
  }
  expect(await accountActivity(late)({ identity })).toBeNull()
  expect(await pdsAdmin(world.env).accountsOf(email)).toEqual([])
})
