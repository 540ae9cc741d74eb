import { AtpAgent } from '@atproto/api'
import { beforeAll, describe, expect, it } from 'vitest'
import { createAtprotoRecords } from '../../../src/state/mongo/atproto/person-records.ts'
import { createPersonalData } from '../../../src/state/mongo/personal-data.ts'
import {
  startSignup,
  expectComplete,
  label,
  meets,
  newPerson,
  reaches,
  retry,
  storedPassword,
  type Person,
} from '../../support/people.ts'
import { eventually } from '../../support/eventually.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

let world: World
let pds: ReturnType<typeof pdsAdmin>

beforeAll(async () => {
  world = await openWorld()
  pds = pdsAdmin(world.env)
  await world.startWorker()
})

const userOf = ({ identity }: Person) => collections(world.db).users.findOne({ _id: identity })
const forget = (name: string, { identity }: Person) =>
  world.db.collection<{ _id: string }>(name).deleteOne({ _id: identity })

/** A person who signed up and completed, and their user record as it was. */
async function complete(options: { email?: string } = {}) {
  const person = await newPerson(world, options)
  await startSignup(world, person)
  const { did, code } = await expectComplete(world, person)
  const { when } = (await userOf(person)) ?? {}
  return { person, did, code, when, password: await storedPassword(world, person) }
}

async function again(person: Person) {
  await retry(world, person)
  return expectComplete(world, person)
}

describe('M10: a record of a complete person is lost', () => {
  it('the user record: rebuilt with the same code, account and time, and the stored password logs in', async () => {
    const { person, did, code, when, password } = await complete()
    await collections(world.db).users.deleteOne({ _id: person.identity })
    expect(await again(person)).toMatchObject({ did, code })
    expect((await userOf(person))?.when).toEqual(when)
    expect(await storedPassword(world, person)).not.toBe(password)
    expect(await pds.accountsOf(person.email)).toHaveLength(1)
  })

  it('P13: users.atproto alone: the same account is recovered', async () => {
    const { person, did, code } = await complete()
    await collections(world.db).users.updateOne({ _id: person.identity }, { $unset: { atproto: '' } })
    expect(await again(person)).toMatchObject({ did, code })
  })

  it('P8: users.atproto, and another handle is chosen meanwhile: the recovered account follows it', async () => {
    const { person, did } = await complete()
    const { users, handles } = collections(world.db)
    await users.updateOne({ _id: person.identity }, { $unset: { atproto: '' } })
    const chosen = label()
    await handles.insertOne({ _id: person.identity, handle: chosen })
    await retry(world, person)
    const handle = `${chosen}${world.env['PDS_HANDLE_DOMAIN']}`
    await eventually('the account has the chosen handle', async () => {
      const { atproto } = (await users.findOne({ _id: person.identity })) ?? {}
      return atproto?.did === did && atproto?.handle === handle
    })
  })

  it('the verification record: its count is the one of the ledger', async () => {
    const { person } = await complete()
    await collections(world.db).verifications.deleteOne({ _id: person.identity })
    await again(person)
  })

  it('M5: the code alone, to null: the same code again, and nothing else is touched', async () => {
    const { person, did, code } = await complete()
    await collections(world.db).users.updateOne(
      { _id: person.identity },
      { $set: { code: null, theirs: 'kept' } as never },
    )
    expect(await again(person)).toMatchObject({ did, code })
    expect(await userOf(person)).toMatchObject({ theirs: 'kept' })
  })

  it('every record, and the address changed meanwhile: the same account, under the new address', async () => {
    const { person, did, code } = await complete()
    const { users, verifications } = collections(world.db)
    await users.deleteOne({ _id: person.identity })
    await verifications.deleteOne({ _id: person.identity })
    const email = `new-${person.email}`
    world.auth0.changeEmail(person.identity, email, true)
    await retry(world, person)
    expect(await expectComplete(world, { ...person, email }, { count: 2 })).toMatchObject({ did, code })
  })

  it('sessions and app passwords of the account are revoked', async () => {
    const { person, did, password } = await complete()
    const agent = new AtpAgent({ service: world.env['PDS_URL'] ?? '' })
    await agent.login({ identifier: did ?? '', password })
    const { data } = await agent.com.atproto.server.createAppPassword({ name: 'other' })
    await collections(world.db).users.deleteOne({ _id: person.identity })
    await again(person)
    await expect(
      new AtpAgent({ service: world.env['PDS_URL'] ?? '' }).login({
        identifier: did ?? '',
        password: data.password,
      }),
    ).rejects.toThrow('Invalid identifier or password')
    await expect(
      agent.com.atproto.server.refreshSession(undefined, {
        headers: { authorization: `Bearer ${agent.session?.refreshJwt}` },
      }),
    ).rejects.toThrow()
  })
})

describe('M10: the user record of a person who waits for the verification is lost', () => {
  it('a retry rebuilds it with the same code, and the signup goes on waiting', async () => {
    const person = await newPerson(world, { verified: false })
    await startSignup(world, person)
    await reaches(world, person, 'waiting-for-verification')
    const { code } = (await userOf(person)) ?? {}
    expect(code).toBeTypeOf('string')
    await collections(world.db).users.deleteOne({ _id: person.identity })
    await retry(world, person)
    await eventually('the record is there again', async () => (await userOf(person))?.code === code)
    await reaches(world, person, 'waiting-for-verification')
  })
})

describe('M10: nothing is remembered', () => {
  it("the result of the person's last signup at Temporal is the proof", async () => {
    const { person, did, code } = await complete()
    await forget('users', person)
    await forget('holdfast_people', person)
    const { users } = collections(world.db)
    expect(await users.countDocuments({ _id: person.identity })).toBe(0)
    await world.signups.notify({
      tenant: 'aesthetic',
      identity: person.identity,
      signedUpAt: new Date(Date.now() - 3_600_000).toISOString(),
      hint: 'retry',
    })
    expect(await expectComplete(world, person)).toMatchObject({ did, code })
  })

  it('P11: an account that only has the address is not taken over', async () => {
    const person = await newPerson(world)
    const theirs = await pds.create({
      handle: `x${Date.now().toString(36)}${world.env['PDS_HANDLE_DOMAIN']}`,
      email: person.email,
      password: 'a stranger',
    })
    await startSignup(world, person)
    await meets(world, person, 'email-taken')
    const agent = new AtpAgent({ service: world.env['PDS_URL'] ?? '' })
    const session = await agent.login({ identifier: theirs, password: 'a stranger' })
    expect(session.data.did).toBe(theirs)
  })
})

describe('codes are given to one person only', () => {
  it('M11: a code that the application gave to somebody else meanwhile stays theirs; the account is recovered', async () => {
    const { person, did, code } = await complete()
    const { users } = collections(world.db)
    await users.deleteOne({ _id: person.identity })
    await users.insertOne({ _id: 'auth0|newcomer', code, when: new Date() })
    const status = await again(person)
    expect(status.did).toBe(did)
    expect(status.code).not.toBe(code)
    expect(await users.findOne({ _id: 'auth0|newcomer' })).toMatchObject({ code })
  })

  it('T7: a deletion erases what is remembered, and the code stays reserved for nobody', async () => {
    const { person, code } = await complete()
    const stores = createPersonalData(world.db, 'atproto', {
      keyring: world.keyring,
      hash: (value) => value,
      records: createAtprotoRecords(world.db),
    })
    const named = { tenant: 'aesthetic', identity: person.identity, userId: person.identity }
    await stores.erase('application', named)
    await stores.erase('holdfast', named)
    const { personMemory } = world.connectDeps()
    expect(await personMemory.loadMany([person.identity])).toEqual(new Map())
    expect(await personMemory.takenCodes([code ?? ''])).toEqual(new Set([code]))
  })
})
