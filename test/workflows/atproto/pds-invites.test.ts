import { beforeAll, describe, expect, it } from 'vitest'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { startPds } from '../../../dev/servers/pds/pds.ts'
import { startPlc } from '../../../dev/servers/pds/plc.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { atEnd } from '../../support/at-end.ts'
import {
  startSignup,
  expectComplete,
  label,
  meets,
  newPerson,
  retry,
  storedPassword,
} from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { collections, openWorld, type World, type WorldOptions } from '../../support/world.ts'

let own: WorldOptions
beforeAll(async () => {
  const plc = await startPlc({ progress })
  const pds = await startPds({ plcUrl: plc.url, progress, inviteRequired: true })
  own = { pdsUrl: pds.url, pdsAdminPassword: pds.adminPassword }
  atEnd(() => plc.stop())
  atEnd(() => pds.stop())
})

describe('a PDS that requires invite codes', () => {
  it('is given one of its own for each account, also when a refused handle comes between', async () => {
    const world = await openWorld(own)
    const codes: (string | null)[] = []
    await world.startWorker((deps) => ({
      ...deps,
      pds: {
        ...deps.pds,
        createAccount(account) {
          codes.push(account.inviteCode)
          return deps.pds.createAccount(account)
        },
      },
    }))
    const people = [await newPerson(world), await newPerson(world, { handle: 'admin' })]
    for (const person of people) {
      await startSignup(world, person)
      await expectComplete(world, person)
    }
    // The refused handle and the user code after it use the same invite.
    expect([codes.length, new Set(codes).size]).toEqual([3, 2])
    expect(codes).not.toContain(null)
  })

  it('that refuses the code is given another, by retry or by itself', async () => {
    const world = await openWorld(own)
    let spoilt = true
    await world.startWorker((deps) => ({
      ...deps,
      pds: {
        ...deps.pds,
        inviteCode: async (options) => {
          const code = await deps.pds.inviteCode(options)
          const given = spoilt ? 'localhost-aaaaa-aaaaa' : code
          spoilt = false
          return given
        },
      },
    }))
    const person = await newPerson(world)
    await startSignup(world, person)
    await meets(world, person, 'pds-invite-refused')
    await retry(world, person)
    await expectComplete(world, person)
  })

  it('and whose answer is lost: the used code is not offered again, the account it made is found', async () => {
    const world = await openWorld(own)
    const codes: (string | null)[] = []
    await world.startWorker((deps) => ({
      ...deps,
      pds: {
        ...deps.pds,
        async createAccount(account) {
          codes.push(account.inviteCode)
          await deps.pds.createAccount(account)
          throw new OutsideError('pds-unreachable', 'no answer')
        },
      },
    }))
    const person = await newPerson(world, { handle: label() })
    await startSignup(world, person)
    await expectComplete(world, person)
    expect(codes).toHaveLength(1)
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(1)
  })

  it('that refuses our admin password is named, and served once the worker has the right one', async () => {
    const world = await openWorld(own)
    const right = world.env['PDS_ADMIN_PASSWORD'] ?? ''
    const wrong = await openWorld({
      ...own,
      env: { ...world.env, PDS_ADMIN_PASSWORD: 'not the password' },
    })
    const workers = await wrong.startWorker()
    const person = await newPerson(world)
    await startSignup(world, person)
    const { problem } = await meets(world, person, 'pds-admin-refused')
    expect(problem?.fix).toContain('PDS_ADMIN_PASSWORD')
    expect(JSON.stringify(problem)).not.toContain(right)
    await workers.stop()
    await world.startWorker()
    await retry(world, person)
    await expectComplete(world, person)
  })
})

describe('how the password is kept', () => {
  it.each(['plain', 'sealed'] as const)('%s, as PDS_PASSWORD_STORAGE says', async (storage) => {
    const world = await openWorld({ env: { PDS_PASSWORD_STORAGE: storage } })
    await world.startWorker()
    const person = await newPerson(world)
    await startSignup(world, person)
    await expectComplete(world, person)
    const user = await collections(world.db).users.findOne({ _id: person.identity })
    const stored = user?.atproto?.password ?? ''
    expect(stored).toMatch(storage === 'sealed' ? /^hf1\.test\.[\w-]+\.[\w-]+$/ : /^[\w-]{32}$/)
    if (storage === 'sealed') expect(stored).not.toContain(await storedPassword(world, person))
  })

  it.each(['plain', 'sealed'] as const)(
    'and the intent holds nothing in clear while it lasts, with %s storage too',
    async (storage) => {
      const world: World = await openWorld({ env: { PDS_PASSWORD_STORAGE: storage } })
      const said: string[] = []
      const kept: string[] = []
      const intents = world.db.collection('holdfast_intents')
      let lost = true
      await world.startWorker((deps) => ({
        ...deps,
        pds: {
          ...deps.pds,
          async createAccount(account) {
            said.push(account.email, account.password)
            kept.push(JSON.stringify(await intents.find().toArray()))
            if (!lost) return deps.pds.createAccount(account)
            lost = false
            throw new Error('an error nobody named')
          },
        },
      }))
      const person = await newPerson(world, { handle: label() })
      await startSignup(world, person)
      await expectComplete(world, person)
      expect(await intents.countDocuments()).toBe(0)
      expect(kept).toHaveLength(2)
      expect(kept[0]).toContain(person.identity)
      for (const secret of new Set(said)) expect(kept.join()).not.toContain(secret)
    },
  )
})
