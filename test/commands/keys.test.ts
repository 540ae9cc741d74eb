import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Reveal } from '../../src/adapters/mongo/reveals.ts'
import { createIntents } from '../../src/adapters/mongo/intents.ts'
import { createKeyring, keyIdOf } from '../../src/crypto/keyring.ts'
import { loadConfig } from '../../src/config.ts'
import { holdfast, jsonOf } from '../support/command.ts'
import { begin, expectComplete, newPerson, storedPassword, type Person } from '../support/people.ts'
import { openWebhook } from '../support/webhook.ts'
import { collections, openWorld, type World } from '../support/world.ts'

const newer = (): string => `newer:${randomBytes(32).toString('base64')}`

let world: World
let person: Person
let rotated: Record<string, string> = {}
beforeAll(async () => {
  world = await openWorld()
  await world.work()
  person = await newPerson(world)
  await begin(world, person)
  await expectComplete(world, person)
  rotated = { ...world.env, HOLDFAST_KEY: `${newer()},${world.env['HOLDFAST_KEY']}` }
})

const reveals = (): Promise<Reveal[]> =>
  world.db.collection<Reveal & { _id: string }>('holdfast_reveals').find().toArray()

describe('holdfast password', () => {
  it('shows the one that opens the account, and records that before', async () => {
    const { code, document } = await jsonOf(
      ...([world.env, 'password', 'atproto', person.identity, '--reason', 'ticket 512'] as const),
    )
    expect(code).toBe(0)
    expect(document['password']).toBe(await storedPassword(world, person))
    const [record] = await reveals()
    expect(record).toMatchObject({ kind: 'password', keyIds: ['test'], count: 1, reason: 'ticket 512' })
    expect(record?.caller).toMatch(/^\S+ on \S+/)
    expect(JSON.stringify(record)).not.toContain(String(document['password']))
  })

  it('says no for somebody without an account, and records nothing', async () => {
    const before = await reveals()
    const { code, stdout } = await holdfast(world.env, 'password', 'atproto', 'auth0|nobody')
    expect(code).toBe(1)
    expect(stdout).toContain("No user 'auth0|nobody'")
    expect(await reveals()).toEqual(before)
  })
})

describe('holdfast keys rotate', () => {
  /** Something in every place that holds sealed values, earlier addresses too. */
  const fill = async (): Promise<void> => {
    const intents = createIntents(world.db, world.keyring)
    for (let n = 0; n < 3; n += 1) {
      const identity = `auth0|intent-${n}`
      await intents.prepare(identity, `first-${n}@example.com`, () => `password-${n}`)
      await intents.aim(identity, {
        handle: 'a.example.com',
        alias: `alias-${n}@example.com`,
        inviteCode: `invite-${n}`,
      })
      await intents.prepare(identity, `second-${n}@example.com`, () => 'unused')
    }
    await openWebhook(world).deliver('[{"type":"ss"}]')
    await collections(world.db).users.insertOne({ _id: 'auth0|plain', atproto: { password: 'as-it-was' } })
  }
  const storedUser = async (): Promise<string> =>
    (await collections(world.db).users.findOne({ _id: person.identity }))?.atproto?.password ?? ''

  it('seals everything anew with the first key, and it opens as before', async () => {
    await fill()
    const before = await storedPassword(world, person)
    const { code, document } = await jsonOf(rotated, 'keys', 'rotate')
    expect(code).toBe(0)
    expect(document).toMatchObject({ writer: 'newer', stillNeeded: [], freeInMongo: ['test'], unopened: 0 })
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
    const plain = await collections(world.db).users.findOne({ _id: 'auth0|plain' })
    expect(plain?.atproto?.password).toBe('as-it-was')
  })

  it('changes nothing the second time', async () => {
    const before = await storedUser()
    const { code, stdout } = await holdfast(rotated, 'keys', 'rotate')
    expect(code).toBe(0)
    expect(stdout).toContain('All of it is sealed with newer')
    expect(stdout).toContain('MongoDB needs no longer: test. Histories at Temporal do')
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
    expect(document).toMatchObject({ writer: 'third', stillNeeded: ['newer'], unopened: 17 })
    expect(await storedUser()).toBe(before)
  })

  it('is refused in observe', async () => {
    const { code } = await holdfast({ ...rotated, HOLDFAST_MODE: 'observe' }, 'keys', 'rotate')
    expect(code).toBe(2)
  })
})
