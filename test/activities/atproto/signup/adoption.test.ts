import { AtpAgent } from '@atproto/api'
import { beforeAll, describe, expect, it } from 'vitest'
import { accountActivity } from '../../../support/account-activity.ts'
import type { AtprotoDeps } from '../../../../src/activities/atproto/deps.ts'
import { createHandleActivity } from '../../../../src/activities/atproto/signup/handle.ts'
import { createLinkedIdentities } from '../../../../src/activities/atproto/signup/linked-identities.ts'
import { createPdsReader } from '../../../../src/adapters/pds/reader.ts'
import { createPlc } from '../../../../src/adapters/pds/plc.ts'
import { loadAtprotoConfig } from '../../../../src/config/atproto/sections.ts'
import { aliasFor } from '../../../../src/domain/atproto/alias.ts'
import { handleUnder } from '../../../../src/domain/atproto/handle.ts'
import { notAdopted } from '../../../../src/worker/atproto/not-adopted.ts'
import { servedSince } from '../../../support/catch-up.ts'
import { newPerson } from '../../../support/people.ts'
import { pdsAdmin } from '../../../support/pds.ts'
import { collections, openWorld, type World } from '../../../support/world.ts'

const THEIRS = 'of the system before'
/** A public key that is not the PDS's, in the form of the PLC directory. */
const STRANGE_KEY = 'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme'

let world: World
let deps: AtprotoDeps
/** The same environment, where existing accounts may be adopted. */
let migrating: AtprotoDeps
beforeAll(async () => {
  world = await openWorld()
  await servedSince(world, new Date(0))
  deps = world.connectDeps()
  migrating = { ...deps, adoptBefore: new Date(Date.now() + 3_600_000) }
  await withAccount()
})

async function withCode() {
  const { identity, email } = await newPerson(world)
  const code = await deps.users.ensure(identity, new Date(), await deps.codeIndex.ensureUnique())
  await deps.intents.prepare(identity, email, deps.newPassword)
  return { identity, email, code }
}

/** A password is stored, so a session can be opened. */
async function withAccount(): Promise<void> {
  const { identity } = await withCode()
  await accountActivity(deps)({ identity })
}

/** An account under the code and address of a person, with a password that is not stored. */
async function halfMade(more: { recoveryKey?: string } = {}) {
  const person = await withCode()
  const handle = under(person.code)
  const did = await pdsAdmin(world.env).create({ handle, email: person.email, password: THEIRS, ...more })
  return { ...person, handle, did }
}

const under = (label: string) => handleUnder(label, deps.handleDomain)
const agent = () => new AtpAgent({ service: world.env['PDS_URL'] ?? '' })
const accountIn = async (identity: string) => (await deps.users.load(identity))?.atproto
const alerts = () =>
  notAdopted({
    people: deps.personMemory,
    pds: createPdsReader(loadAtprotoConfig(['pds'], world.env).pds),
    ignored: () => Promise.resolve(new Set()),
  })

/** The person also has an account of their own; none of its credentials opens the other account. */
async function expectOwn({ identity, email, code, did }: Awaited<ReturnType<typeof halfMade>>) {
  const own = await accountIn(identity)
  expect(own).toMatchObject({ handle: under(`${code}-2`) })
  expect(own?.did).not.toBe(did)
  const password = deps.openedPassword(identity, own?.password ?? '')
  expect(await deps.pds.accountByLogin(aliasFor(email, 'aesthetic'), password)).toMatchObject({
    did: own?.did,
  })
  expect(await deps.pds.accountByLogin(email, THEIRS)).toMatchObject({ did })
}

describe('P11: an account under the code and address of a person, whose password nobody kept', () => {
  it('is adopted where it was made before HOLDFAST_ADOPT_BEFORE, and its app passwords are revoked', async () => {
    const { identity, did } = await halfMade()
    const theirs = agent()
    await theirs.login({ identifier: did, password: THEIRS })
    const { data } = await theirs.com.atproto.server.createAppPassword({ name: 'other' })
    expect(await accountActivity(migrating)({ identity })).toMatchObject({ did })
    const login = agent().login({ identifier: did, password: data.password })
    await expect(login).rejects.toThrow('Invalid identifier or password')
  })

  it('is not adopted while it is taken down, since its app passwords would stay', async () => {
    const { identity, did } = await halfMade()
    await pdsAdmin(world.env).takeDown(did)
    await expect(accountActivity(migrating)({ identity })).rejects.toThrow()
    expect(await accountIn(identity)).toBeUndefined()
  })

  it("is a stranger's where HOLDFAST_ADOPT_BEFORE is not set: the person gets another, and it is told", async () => {
    const person = await halfMade()
    const { identity, did } = person
    expect(await accountActivity(deps)({ identity })).toMatchObject({
      handle: under(`${person.code}-2`),
    })
    await expectOwn(person)
    expect((await deps.stepHistory.load(identity)).map(({ outcome }) => outcome)).toEqual(['not-adopted'])
    expect(await deps.personMemory.find({ did, code: '', handles: [] })).toEqual([identity])
    expect(await alerts()).toMatchObject([{ name: 'account-not-adopted', count: 1, detail: { did } }])

    // The handle stays unchanged while the code's is taken, and follows once it is free.
    const sync = createHandleActivity(deps, createLinkedIdentities(deps))
    expect(await sync({ identity })).toMatchObject({ outcome: 'same', handle: under(`${person.code}-2`) })
    await pdsAdmin(world.env).remove(did)
    expect(await alerts()).toEqual([])
    expect(await sync({ identity })).toMatchObject({ outcome: 'changed', handle: under(person.code) })
    expect(await deps.personMemory.strangers({ identity, limit: 1 })).toEqual([])
  })

  it("is a stranger's where it was made later than that", async () => {
    const person = await halfMade()
    const passed = { ...deps, adoptBefore: new Date(Date.now() - 3_600_000) }
    await accountActivity(passed)(person)
    await expectOwn(person)
  })

  it("is a stranger's where a key that is not the PDS's may change its DID", async () => {
    const person = await halfMade({ recoveryKey: STRANGE_KEY })
    await accountActivity(migrating)(person)
    await expectOwn(person)
  })

  it('waits, and nothing is made, while the PLC directory does not answer', async () => {
    const { identity, did } = await halfMade()
    const away = { ...migrating, plc: createPlc('http://127.0.0.1:1') }
    await expect(accountActivity(away)({ identity })).rejects.toMatchObject({
      problem: 'plc-unreachable',
    })
    expect(await accountIn(identity)).toBeUndefined()
    expect(await accountActivity(migrating)({ identity })).toMatchObject({ did })
  })

  it('waits, and nothing is made, while no stored password opens an account', async () => {
    const { identity, did } = await halfMade()
    const users = { ...deps.users, withPassword: () => Promise.resolve([]) }
    await expect(accountActivity({ ...migrating, users })({ identity })).rejects.toMatchObject({
      problem: 'pds-keys-unknown',
    })
    expect(await accountIn(identity)).toBeUndefined()
    expect(await accountActivity(migrating)({ identity })).toMatchObject({ did })
  })

  it('leaves a DID that stands in the user record as it is', async () => {
    const { identity, did } = await halfMade()
    const atproto = { did: 'did:plc:ofthepersonalready', handle: 'x.test' }
    await collections(world.db).users.updateOne({ _id: identity }, { $set: { atproto } })
    await accountActivity(migrating)({ identity })
    expect(await deps.users.recordAccount(identity, { did, handle: 'x', password: 'p' })).toBe(false)
    expect(await accountIn(identity)).toEqual(atproto)
  })
})
