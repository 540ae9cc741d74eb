import { beforeEach, beforeAll, describe, expect, it } from 'vitest'
import { createRepairAdmission } from '../../../src/activities/atproto/signup/admit-repair.ts'
import { createSafetyLimits } from '../../../src/state/mongo/safety-limits.ts'
import { createPersonMemory, type PersonMemory } from '../../../src/state/mongo/atproto/person-memory.ts'
import { createUsers, type PriorRecords } from '../../../src/adapters/mongo/users.ts'
import type { RememberedRecords } from '../../../src/contracts/atproto/recovery.ts'
import { isUserCode } from '../../../src/domain/atproto/user-code.ts'
import { collections, openWorld, type World } from '../../support/world.ts'
import { estimateUsers } from '../../../src/adapters/mongo/application-records.ts'

const WHEN = new Date('2025-05-05T05:05:05.000Z')
const BY_INDEX = { by: 'index' } as const
let world: World
let people: PersonMemory
let admitted: string[]
let asked: string[]

beforeAll(async () => {
  world = await openWorld()
  await world.connectDeps().codeIndex.ensureUnique()
  people = createPersonMemory(world.db)
})
beforeEach(() => {
  admitted = []
  asked = []
})

const usersWith = (lastSignup: RememberedRecords | null, memory: Partial<PriorRecords> = {}) =>
  createUsers(world.db, {
    personMemory: people,
    lastSignup: (identity) => {
      asked.push(identity)
      return Promise.resolve(lastSignup)
    },
    lastCodes: () => Promise.resolve(new Map()),
    admitRepair: (identity) => Promise.resolve(void admitted.push(identity)),
    isHandle: () => Promise.resolve(false),
    ...memory,
  })
const codeOf = async (identity: string) =>
  (await collections(world.db).users.findOne({ _id: identity }))?.code

describe('M10: a code that a person had before', () => {
  it('is not given back where it is malformed, since an operator unset it: one by one and in bulk', async () => {
    await people.rememberUser('auth0|old', { code: 'Legacy7', when: WHEN })
    await people.rememberUser('auth0|bulk', { code: 'Legacy8', when: WHEN })
    await collections(world.db).users.insertMany([{ _id: 'auth0|old' }, { _id: 'auth0|bulk' }])
    const users = usersWith(null)
    expect(isUserCode(await users.ensure('auth0|old', WHEN, BY_INDEX))).toBe(true)
    await users.fillIn([{ identity: 'auth0|bulk', signedUpAt: WHEN }], BY_INDEX)
    expect(isUserCode(await codeOf('auth0|bulk'))).toBe(true)
    for (const code of ['Legacy7', 'Legacy8']) expect(await people.takenCodes([code])).toContain(code)
  })

  it('is counted as a repair where only the last signup at Temporal proves it', async () => {
    const users = usersWith({ code: 'ac25babab', when: null, account: null })
    expect(await users.ensure('auth0|last', WHEN, BY_INDEX)).toBe('ac25babab')
    expect(admitted).toEqual(['auth0|last'])
  })

  it('M11: is rebuilt for no more people than the safety limit lets through, where only Temporal proves it', async () => {
    const { users: documents } = collections(world.db)
    await documents.deleteMany({})
    const there = Array.from({ length: 280 }, (_, n) => ({
      _id: `auth0|there${n}`,
      code: `there${n}`,
      when: WHEN,
    }))
    await documents.insertMany(there)
    const admit = createRepairAdmission(
      createSafetyLimits(world.db, 'atproto', { deletions: null, repairs: null }, () =>
        estimateUsers(world.db),
      ),
      (identity) => identity,
    )
    const users = createUsers(world.db, {
      personMemory: people,
      lastSignup: (identity) =>
        Promise.resolve({ code: `ac25${identity.slice(-5)}`, when: null, account: null }),
      lastCodes: () => Promise.resolve(new Map()),
      admitRepair: (identity) => admit(identity, 'user record'),
      isHandle: () => Promise.resolve(false),
    })
    const lost = Array.from('bcdfghjklmnpqrstvwxz', (letter) => `auth0|lost${letter}abab`)
    expect(lost).toHaveLength(20)
    const answers = await Promise.allSettled(lost.map((identity) => users.ensure(identity, WHEN, BY_INDEX)))
    const held = answers.filter(({ status }) => status === 'rejected')
    expect(held.map((one) => 'reason' in one && (one.reason as { problem: unknown }).problem)).toEqual(
      held.map(() => 'repairs-held'),
    )
    // 5 % of the 280 remaining ones.
    expect(held).toHaveLength(6)
    expect(await documents.countDocuments({ _id: { $in: lost } })).toBe(14)
  })

  it('is asked of Temporal once, however many draws it takes', async () => {
    let draws = 0
    const users = usersWith(null, { isHandle: () => Promise.resolve((draws += 1) < 5) })
    await users.ensure('auth0|unknown', WHEN, BY_INDEX)
    expect(draws).toBe(5)
    expect(asked).toEqual(['auth0|unknown'])
    expect(admitted).toEqual([])
  })
})
