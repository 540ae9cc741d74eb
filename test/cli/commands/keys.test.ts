import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { createActionLog } from '../../../src/state/mongo/actions.ts'
import { createIntents } from '../../../src/state/mongo/atproto/intents.ts'
import { ATPROTO_FIELDS } from '../../../src/state/mongo/atproto/encrypted-fields.ts'
import { sealPlaintext } from '../../../src/state/mongo/sealing/seal-plaintext.ts'
import type { CheckReport } from '../../../src/contracts/checks.ts'
import { createIdHash, createKeyring, keyIdOf, type Keyring } from '../../../src/crypto/keyring.ts'
import { loadConfig } from '../../../src/config.ts'
import { holdfast, jsonOf } from '../../support/command.ts'
import { startSignup, expectComplete, newPerson, storedPassword, type Person } from '../../support/people.ts'
import { openWebhook } from '../../support/webhook.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

const newer = (): string => `newer:${randomBytes(32).toString('base64')}`

let world: World
let person: Person
let rotated: Record<string, string> = {}
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
  person = await newPerson(world)
  await startSignup(world, person)
  await expectComplete(world, person)
  rotated = { ...world.env, HOLDFAST_KEY: `${newer()},${world.env['HOLDFAST_KEY']}` }
})

const ring = (): Keyring => createKeyring(loadConfig(['keys'], rotated).keys.sealing)
const passwordOf = async (id: string): Promise<string> =>
  (await collections(world.db).users.findOne({ _id: id }))?.atproto?.password ?? ''
const actions = () => createActionLog(world.db).list({}, 1_000)

describe('holdfast password', () => {
  it('shows the one that opens the account, and records that before', async () => {
    const { code, document } = await jsonOf(
      ...([world.env, 'password', 'atproto', person.identity, '--reason', 'ticket 512'] as const),
    )
    expect(code).toBe(0)
    expect(document['password']).toBe(await storedPassword(world, person))
    const [record] = await actions()
    expect(record).toMatchObject({
      name: 'password',
      kind: 'show',
      outcome: 'shown',
      keyIds: ['test'],
      count: 1,
      reason: 'ticket 512',
      by: { verified: false, via: 'command' },
    })
    expect(record?.by.name).toMatch(/^\S+ on \S+/)
    expect(record?.subjects).toEqual([createIdHash(loadConfig(['keys'], world.env).keys.id)(person.identity)])
    expect(JSON.stringify(record)).not.toContain(person.identity)
    expect(JSON.stringify(record)).not.toContain(String(document['password']))
  })

  it('shows nothing without a reason, and says how to state one', async () => {
    const before = await actions()
    for (const given of [[], ['--reason', '  ']]) {
      const asked = [world.env, 'password', 'atproto', person.identity, ...given] as const
      const { code, stdout, stderr } = await holdfast(...asked)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/--reason|say something/)
    }
    expect(await actions()).toEqual(before)
  })

  it('says no for somebody without an account, and records that nothing was shown', async () => {
    const { code, stdout } = await holdfast(
      ...([world.env, 'password', 'atproto', 'auth0|nobody', '--reason', 'ticket 512'] as const),
    )
    expect(code).toBe(1)
    expect(stdout).toContain("MongoDB has no user 'auth0|nobody'")
    expect((await actions())[0]).toMatchObject({ name: 'password', outcome: 'failed', keyIds: [], count: 0 })
  })
})

describe('holdfast keys rotate', () => {
  /** A value in every place that holds sealed values, including earlier addresses. */
  const fill = async (): Promise<void> => {
    const intents = createIntents(world.db, world.keyring)
    for (let n = 0; n < 3; n += 1) {
      const identity = `auth0|intent-${n}`
      await intents.prepare(identity, `first-${n}@example.com`, () => `password-${n}`)
      await intents.recordAttempt(identity, {
        handle: 'a.example.com',
        alias: `alias-${n}@example.com`,
        inviteCode: `invite-${n}`,
      })
      await intents.prepare(identity, `second-${n}@example.com`, () => 'unused')
    }
    await openWebhook(world).deliver('[{"type":"ss"}]')
    await collections(world.db).users.insertOne({ _id: 'auth0|plain', atproto: { password: 'as-it-was' } })
  }
  const storedUser = (): Promise<string> => passwordOf(person.identity)

  it('seals everything anew with the first key, and it opens as before', async () => {
    await fill()
    const before = await storedPassword(world, person)
    const { code, document } = await jsonOf(rotated, 'keys', 'rotate')
    expect(code).toBe(1) // for the values in plain text alone
    expect(document).toMatchObject({
      writer: 'newer',
      stillNeeded: [],
      freeInMongo: ['test'],
      unopened: 0,
      plain: 1,
    })
    const places = document['places'] as {
      collection: string
      field: string
      resealed: number
      keys: object
    }[]
    expect(Object.fromEntries(places.map((at) => [`${at.collection}.${at.field}`, at.resealed]))).toEqual({
      'holdfast_intents.email': 3,
      'holdfast_intents.alias': 0,
      'holdfast_intents.earlierEmails': 6,
      'holdfast_intents.password': 3,
      'holdfast_intents.inviteCode': 3,
      'holdfast_quarantine.content': 1,
      'holdfast_renewals.password': 0,
      'users.atproto.password': 1,
    })
    expect(keyIdOf(await storedUser())).toBe('newer')
    const [first] = loadConfig(['keys'], rotated).keys.sealing
    const alone = createKeyring([first])
    expect(await storedPassword({ ...world, keyring: alone }, person)).toBe(before)
    expect(await createIntents(world.db, alone).load('auth0|intent-1')).toMatchObject({
      email: 'second-1@example.com',
      earlierEmails: ['first-1@example.com', 'alias-1@example.com'],
      password: 'password-1',
      inviteCode: 'invite-1',
    })
    expect(await passwordOf('auth0|plain')).toBe('as-it-was')
  })

  it('changes nothing the second time, and names what stands in clear', async () => {
    const before = await storedUser()
    const { code, stdout } = await holdfast(rotated, 'keys', 'rotate')
    expect(code).toBe(1)
    expect(stdout).toContain(
      '1 value is stored in plain text (users.atproto.password: 1). To encrypt: npx holdfast keys seal',
    )
    expect(stdout).toContain('The rest is encrypted with newer')
    expect(stdout).toContain('The stored data no longer need the keys: test. Histories at Temporal need')
    expect(await storedUser()).toBe(before)
  })

  it('says which keys are missing, and leaves what it cannot open', async () => {
    const before = await storedUser()
    const { code, document } = await jsonOf(
      { ...world.env, HOLDFAST_KEY: `third:${randomBytes(32).toString('base64')}` },
      'keys',
      'rotate',
    )
    expect(code).toBe(1)
    expect(document).toMatchObject({ writer: 'third', stillNeeded: ['newer'], unopened: 17, plain: 1 })
    expect(await storedUser()).toBe(before)
  })

  it('is refused in observe', async () => {
    const { code } = await holdfast({ ...rotated, HOLDFAST_MODE: 'observe' }, 'keys', 'rotate')
    expect(code).toBe(2)
  })

  it('refuses a system that this version does not support, and changes nothing', async () => {
    const elsewhere = { ...rotated, HOLDFAST_SYSTEMS: 'medusa' }
    const { code, document } = await jsonOf(elsewhere, 'keys', 'rotate')
    expect({ code, error: document['error'] }).toEqual({
      code: 2,
      error: expect.stringContaining('HOLDFAST_SYSTEMS names medusa') as string,
    })
  })

  it('P12: has nothing against passwords in clear where the configuration says plain', async () => {
    const asConfigured = { ...rotated, PDS_PASSWORD_STORAGE: 'plain' }
    const { code, document } = await jsonOf(asConfigured, 'keys', 'rotate')
    expect({ code, plain: document['plain'] }).toEqual({ code: 0, plain: 0 })
    const sealing = await jsonOf(asConfigured, 'keys', 'seal', '--yes')
    expect(sealing).toMatchObject({ code: 0, document: { sealed: 0, plain: 0 } })
    expect(await passwordOf('auth0|plain')).toBe('as-it-was')
  })
})

describe('P12: holdfast keys seal', () => {
  const PLAIN = { field: 'atproto.password', collection: 'users' }
  const plainNotice = async () => {
    const { document } = await jsonOf(rotated, 'check', 'atproto')
    return (document as unknown as CheckReport).notices.find(({ name }) => name === 'values-in-clear')
  }
  const opened = async (id: string): Promise<string> =>
    createKeyring(loadConfig(['keys'], rotated).keys.sealing).open(await passwordOf(id), {
      ...PLAIN,
      person: id,
    })

  it('counts in a dry run, and changes and records nothing', async () => {
    const before = await actions()
    const { code, document } = await jsonOf(
      { ...rotated, HOLDFAST_MODE: 'observe' },
      'keys',
      'seal',
      '--dry-run',
    )
    expect(code).toBe(0)
    expect(document).toMatchObject({ writer: 'newer', dryRun: true, sealed: 0, plain: 1 })
    expect(await passwordOf('auth0|plain')).toBe('as-it-was')
    expect(await actions()).toEqual(before)
  })

  it('is refused without an answer, in observe, and where the storage is not configured', async () => {
    for (const [env, ...given] of [
      [rotated],
      [{ ...rotated, HOLDFAST_MODE: 'observe' }, '--yes'],
      [{ ...rotated, PDS_PASSWORD_STORAGE: '' }, '--yes'],
    ] as [Record<string, string>, ...string[]][]) {
      const { code, stdout } = await holdfast(env, 'keys', 'seal', ...given)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    }
    expect(await passwordOf('auth0|plain')).toBe('as-it-was')
  })

  it('seals, twice at once, what stands in clear in every place, and the account opens as before', async () => {
    const before = await storedPassword({ ...world, keyring: ring() }, person)
    await collections(world.db).users.updateOne(
      { _id: person.identity },
      { $set: { 'atproto.password': before } },
    )
    for (let n = 0; n < 300; n += 1)
      await collections(world.db).users.insertOne({ _id: `auth0|p-${n}`, atproto: { password: `p$${n}` } })
    const intents = world.db.collection<{ _id: string; earlierEmails: string[] }>('holdfast_intents')
    await intents.updateOne({ _id: 'auth0|intent-1' }, { $push: { earlierEmails: 'plain@example.com' } })
    expect(await plainNotice()).toMatchObject({
      sentence:
        '303 values that must be encrypted are stored in plain text (holdfast_intents.earlierEmails, users.atproto.password).',
    })

    const both = await Promise.all([1, 2].map(() => jsonOf(rotated, 'keys', 'seal', '--yes')))
    const sealed = both.reduce((sum, { document }) => sum + Number(document['sealed']), 0)
    expect(sealed).toBe(303)
    expect((await jsonOf(rotated, 'keys', 'seal')).document).toMatchObject({ sealed: 0, plain: 0 })

    expect(await opened('auth0|plain')).toBe('as-it-was')
    for (let n = 0; n < 300; n += 1) expect(await opened(`auth0|p-${n}`)).toBe(`p$${n}`)
    expect((await createIntents(world.db, ring()).load('auth0|intent-1'))?.earlierEmails).toEqual([
      'first-1@example.com',
      'alias-1@example.com',
      'plain@example.com',
    ])
    expect(await opened(person.identity)).toBe(before)
    await expectComplete({ ...world, keyring: ring() }, person)
    expect(await plainNotice()).toBeUndefined()
    expect((await actions()).find(({ name }) => name === 'keys seal')).toMatchObject({
      kind: 'change',
      outcome: 'succeeded',
      subjects: [],
    })
  })

  it('leaves a value that the application changes meanwhile, and seals it the next time', async () => {
    const { users } = collections(world.db)
    await users.insertOne({ _id: 'auth0|raced', atproto: { password: 'old' } })
    const changes: Promise<unknown>[] = []
    const slow: Keyring = {
      ...ring(),
      seal: (plain, at) => {
        changes.push(users.updateOne({ _id: 'auth0|raced' }, { $set: { 'atproto.password': 'new' } }))
        return ring().seal(plain, at)
      },
    }
    const raced = await sealPlaintext(world.db, slow, ATPROTO_FIELDS)
    await Promise.all(changes)
    const now = await passwordOf('auth0|raced')
    // Either the change came first and was kept, or the sealing came first and was overwritten: the old value never
    // remains.
    expect(now).toBe('new')
    expect(raced.reduce((sum, { plain }) => sum + plain, 0)).toBeLessThanOrEqual(1)
    expect((await jsonOf(rotated, 'keys', 'seal', '--yes')).document).toMatchObject({ sealed: 1, plain: 0 })
    expect(await opened('auth0|raced')).toBe('new')
  })
})
