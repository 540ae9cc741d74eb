import { beforeAll, describe, expect, it } from 'vitest'
import { connectMongo } from '../../../src/adapters/mongo/lib/connect.ts'
import { createIntents } from '../../../src/state/mongo/atproto/intents.ts'
import { createPersonMemory } from '../../../src/state/mongo/atproto/person-memory.ts'
import { createUsers } from '../../../src/adapters/mongo/users.ts'
import { createVerifications } from '../../../src/adapters/mongo/verifications.ts'
import { atEnd } from '../../support/at-end.ts'
import { interceptCollections, isWrite } from '../../support/faults/intercept-collections.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let mongo: ReturnType<typeof connectMongo>
beforeAll(async () => {
  world = await openWorld()
  mongo = connectMongo({ uri: world.env['MONGODB_URI'] ?? '', db: world.env['MONGODB_DB'] ?? '' })
  atEnd(() => mongo.client.close())
})

type Adapters = Pick<ReturnType<typeof adapters>, 'users' | 'verifications' | 'intents'>

function adapters(before: (name: string) => void, check: () => void) {
  const db = interceptCollections(mongo.db, (name, call) => {
    before(name)
    return call()
  })
  return {
    users: createUsers(db, { personMemory: createPersonMemory(db), ...NOTHING_KNOWN }, check),
    verifications: createVerifications(mongo.client, db, check),
    intents: createIntents(db, world.keyring, check),
  }
}

const NOTHING_KNOWN = {
  admitRepair: () => Promise.resolve(),
  lastSignup: () => Promise.resolve(null),
  lastCodes: () => Promise.resolve(new Map<string, string>()),
  isHandle: () => Promise.resolve(false),
}

const at = new Date()
const CALLS: readonly (readonly [string, (on: Adapters, identity: string) => Promise<unknown>])[] = [
  ['users.ensure', ({ users }, identity) => users.ensure(identity, at, { by: 'index' })],
  ['users.ensure with reservations', ({ users }, identity) => users.ensure(identity, at, RESERVED)],
  [
    'verifications.count',
    ({ verifications }, identity) =>
      verifications.count(identity, { address: 'hash', verified: true, at, changedAt: null }),
  ],
  ['intents.prepare', ({ intents }, identity) => intents.prepare(identity, 'a@example.com', () => 'drawn')],
]
const RESERVED = { by: 'reservation', lacking: { fault: 'not-unique', index: 'code_1' } } as const
const COLLECTIONS = ['users', 'holdfast_codes', 'verifications', 'holdfast_verifications', 'holdfast_intents']

describe('M9: a call to MongoDB of several writes, whose step is not wanted any more', () => {
  it.each(CALLS)('%s writes nothing further, at whatever moment that is', async (name, call) => {
    const whole: string[] = []
    const undisturbed = adapters(
      (made) => void whole.push(made),
      () => {},
    )
    await call(undisturbed, `whole|${name}`)
    expect(whole.some(isWrite)).toBe(true)

    for (let moment = 1; moment <= whole.length; moment += 1) {
      const identity = `cut|${name}|${moment}`
      const made: string[] = []
      let wanted = true
      const before = (one: string): void => {
        made.push(one)
        if (made.length === moment) wanted = false // while this call is in flight
      }
      const check = (): void => {
        if (!wanted) throw new Error('not wanted')
      }
      await call(adapters(before, check), identity).catch((error: unknown) => {
        expect(String(error)).toContain('not wanted')
      })
      // The call in flight may succeed; no further call is begun, and no transaction is committed.
      expect(made.slice(moment).filter(isWrite), `${moment} of ${whole.join(', ')}`).toEqual([])
      if (name === 'verifications.count') expect(await leftOf(identity)).toEqual([])
    }
  })
})

async function leftOf(identity: string): Promise<string[]> {
  const left: string[] = []
  for (const name of COLLECTIONS) {
    const collection = world.db.collection<{ _id: string; identity?: string }>(name)
    if ((await collection.countDocuments({ $or: [{ _id: identity }, { identity }] })) > 0) left.push(name)
  }
  return left
}
