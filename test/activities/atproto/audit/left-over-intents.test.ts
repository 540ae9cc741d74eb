import { beforeAll, describe, expect, it } from 'vitest'
import {
  discardLeftOverIntents,
  type LeftOverIntentsDeps,
} from '../../../../src/activities/atproto/audit/left-over-intents.ts'
import { createIntents } from '../../../../src/state/mongo/atproto/intents.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
const HOUR_MS = 3_600_000

describe('M7: an intent that a slow database stored after the signup was complete', () => {
  it('is discarded by the audit, and no intent that is still of use', async () => {
    const intents = createIntents(world.db, world.keyring)
    const people = [
      'another-foreign',
      'attempted',
      'foreign',
      'fresh',
      'late',
      'running',
      'without-account',
      'z-late',
    ].map((name) => `auth0|${name}`)
    for (const identity of people)
      await intents.prepare(identity, `${identity.slice(6)}@example.com`, () => 'a password')
    await intents.recordAttempt('auth0|attempted', { handle: 'a.example', alias: null, inviteCode: null })
    const own = world.db.collection<{ _id: string }>('holdfast_intents')
    await own.updateMany(
      { _id: { $ne: 'auth0|fresh' } },
      { $set: { preparedAt: new Date(Date.now() - 2 * HOUR_MS) } },
    )
    await world.db
      .collection<{ _id: string }>('users')
      .insertMany(
        people
          .filter((identity) => identity !== 'auth0|without-account')
          .map((identity) => ({ _id: identity, atproto: { did: `did:plc:${identity.slice(6)}` } })),
      )
    const deps = {
      intents,
      running: { isRunning: (workflowId: string) => Promise.resolve(workflowId.endsWith('auth0|running')) },
      signups: {
        workflowIdOf: ({ identity }: { identity: string }) => `signup/atproto/aesthetic/${identity}`,
      },
      ownerOf: (identity: string) => (identity.endsWith('foreign') ? null : { name: 'aesthetic' }),
    } as unknown as LeftOverIntentsDeps
    await discardLeftOverIntents(deps, { pageSize: 2 })
    const left = await own.find().sort({ _id: 1 }).toArray()
    expect(left.map(({ _id }) => _id)).toEqual(
      people.filter((identity) => !identity.endsWith('late')).toSorted(),
    )
  })
})
