import { beforeAll, describe, expect, it } from 'vitest'
import type { AtprotoDeps } from '../../../src/activities/atproto/deps.ts'
import type { NewPdsAccount } from '../../../src/adapters/pds/pds.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { startSignup, expectComplete, label, meets, newPerson, reaches } from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

type Create = AtprotoDeps['pds']['createAccount']

/** The fault in one person's call, by the address it contains. Each fault occurs once. */
const faults = new Map<string, (create: Create, account: NewPdsAccount) => ReturnType<Create>>()
let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker((deps) => ({
    ...deps,
    pds: {
      ...deps.pds,
      createAccount(account) {
        const fault = faults.get(account.email)
        faults.delete(account.email)
        return fault === undefined ? deps.pds.createAccount(account) : fault(deps.pds.createAccount, account)
      },
    },
  }))
})

const unreachable = (): OutsideError => new OutsideError('pds-unreachable', 'no answer')

describe('P3: the answer of createAccount is lost', () => {
  it('and the account it made is found and kept, under its handle', async () => {
    const person = await newPerson(world, { handle: label() })
    let made = ''
    faults.set(person.email, async (create, account) => {
      made = (await create(account)).did
      throw unreachable()
    })
    await startSignup(world, person)
    expect(await expectComplete(world, person)).toMatchObject({ did: made })
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(1)
  })

  it('while the call is still on its way when the next look finds nothing', async () => {
    const person = await newPerson(world, { handle: label() })
    const late: Promise<unknown>[] = []
    faults.set(person.email, (create, account) => {
      late.push(Promise.allSettled([create(account)])) // one of the two calls wins; either may
      return Promise.reject(unreachable())
    })
    await startSignup(world, person)
    await expectComplete(world, person)
    await Promise.all(late)
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(1)
  })

  it('and the person chooses another handle before the next try', async () => {
    const person = await newPerson(world, { handle: label() })
    faults.set(person.email, async (create, account) => {
      await create(account)
      await collections(world.db).handles.updateOne({ _id: person.identity }, { $set: { handle: label() } })
      throw unreachable()
    })
    await startSignup(world, person)
    await expectComplete(world, person)
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(1)
  })

  it("and the address changes to one that is never verified: the account is the person's all the same", async () => {
    const person = await newPerson(world)
    faults.set(person.email, async (create, account) => {
      await create(account)
      world.auth0.changeEmail(person.identity, `unverified-${person.email}`)
      throw new OutsideError('pds-admin-refused', 'the answer was lost')
    })
    await startSignup(world, person)
    await meets(world, person, 'pds-admin-refused')
    await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'retry' })
    const { did } = await reaches(world, person, 'completed')
    const accounts = await pdsAdmin(world.env).accountsOf(person.email)
    expect(accounts.map((account) => account.did)).toEqual([did])
    const user = await collections(world.db).users.findOne({ _id: person.identity })
    expect(user?.atproto?.did).toBe(did)
  })

  it('and the address changes before the next try', async () => {
    const person = await newPerson(world)
    faults.set(person.email, async (create, account) => {
      await create(account)
      world.auth0.changeEmail(person.identity, `other-${person.email}`, true)
      await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'emailChanged' })
      throw unreachable()
    })
    await startSignup(world, person)
    const moved = { ...person, email: `other-${person.email}` }
    const status = await expectComplete(world, moved, { count: 2 })
    const accounts = await pdsAdmin(world.env).accounts()
    expect(accounts.filter(({ handle }) => handle === status.handle)).toHaveLength(1)
    expect(accounts.filter(({ email }) => email?.endsWith(person.email))).toHaveLength(1)
  })
})

describe('P3: a start after everything was done', () => {
  it('changes nothing', async () => {
    const person = await newPerson(world)
    await startSignup(world, person)
    const first = await expectComplete(world, person)
    const before = await collections(world.db).users.findOne({ _id: person.identity })
    await startSignup(world, person)
    expect(await expectComplete(world, person)).toMatchObject({ did: first.did, handle: first.handle })
    expect(await collections(world.db).users.findOne({ _id: person.identity })).toEqual(before)
  })

  it('adopts the account whose record in the database was lost', async () => {
    const person = await newPerson(world)
    const { users } = collections(world.db)
    faults.set(person.email, async (create, account) => {
      await create(account)
      await users.deleteOne({ _id: person.identity })
      throw unreachable()
    })
    await startSignup(world, person)
    await expectComplete(world, person)
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(1)
  })
})
