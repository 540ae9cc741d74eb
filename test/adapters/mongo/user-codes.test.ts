import type * as Crypto from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AtprotoDeps } from '../../../src/activities/atproto/deps.ts'
import { createCodeIndex, type CodeUniqueness } from '../../../src/adapters/mongo/code-index.ts'
import { isUserCode } from '../../../src/domain/atproto/user-code.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

/** The letters that the next draws choose; random ones when the list is empty. */
const draws = vi.hoisted(() => ({ next: [] as number[] }))
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof Crypto>()
  return { ...real, randomInt: (max: number) => draws.next.shift() ?? real.randomInt(max) }
})

const WHEN = new Date('2025-05-05T05:05:05.000Z')
const LETTERS = 5
let world: World
let users: AtprotoDeps['users']

beforeAll(async () => {
  world = await openWorld()
  users = world.connectDeps().users
})
beforeEach(async () => {
  draws.next = []
  for (const name of ['users', 'holdfast_codes', 'holdfast_people']) await world.db.collection(name).drop()
})

/** Assesses the index anew each time: the production code caches its result for a while. */
const guard = (): Promise<CodeUniqueness> => createCodeIndex(world.db).ensureUnique()
const onCode = async () =>
  (await world.db.collection('users').listIndexes().toArray()).filter(({ key }) => 'code' in key)
const people = (count: number): string[] => Array.from({ length: count }, (_, n) => `auth0|${n}`)
const codesOf = async (): Promise<unknown[]> => collections(world.db).users.distinct('code')

describe('M1: a unique sparse index is there', () => {
  it('is made where there is none, once, by many at once', async () => {
    const guards = await Promise.all(people(10).map(guard))
    expect(guards.every(({ by }) => by === 'index')).toBe(true)
    expect(await onCode()).toMatchObject([{ unique: true, sparse: true, name: 'code_unique' }])
  })

  it('is used whatever its name, and none is put beside it', async () => {
    await world.db
      .collection('users')
      .createIndex({ code: 1 }, { unique: true, sparse: true, name: 'made_by_hand' })
    expect(await guard()).toEqual({ by: 'index' })
    await users.ensure('auth0|one', WHEN, await guard())
    expect((await onCode()).map(({ name }) => name)).toEqual(['made_by_hand'])
  })
})

describe.each([
  ['not unique', { sparse: true }, 'not-unique', 'reservation'],
  ['not sparse', { unique: true }, 'not-sparse', 'index'],
  ['neither', {}, 'not-unique', 'reservation'],
])('M2: the index is %s', (_, options, fault, by) => {
  it('and fifty at once with one draw still get fifty codes, and the operator is told what to change', async () => {
    await world.db.collection('users').createIndex({ code: 1 }, { ...options, name: 'code_1' })
    const found = await guard()
    expect(found).toEqual({ by, lacking: { fault, index: 'code_1' } })
    draws.next = Array.from({ length: 50 * LETTERS }, () => 0)
    await Promise.all(people(50).map((identity) => users.ensure(identity, WHEN, found)))
    expect(await codesOf()).toHaveLength(50)
    expect(await onCode()).toHaveLength(1)
  })

  it('and a code that the application gave away without us is not given again', async () => {
    await world.db.collection('users').createIndex({ code: 1 }, { ...options, name: 'code_1' })
    await collections(world.db).users.insertOne({ _id: 'auth0|theirs', code: 'ac25babab', when: WHEN })
    draws.next = Array.from({ length: LETTERS }, () => 0)
    expect(await users.ensure('auth0|ours', WHEN, await guard())).not.toBe('ac25babab')
  })
})

describe('M2: duplicates in the way of an index', () => {
  it('do not stop a signup, and are named; the index is made once they are gone', async () => {
    const shared = collections(world.db).users
    await shared.insertMany([
      { _id: 'auth0|a', code: 'ac24cacac' },
      { _id: 'auth0|b', code: 'ac24cacac' },
    ])
    const found = await guard()
    expect(found).toEqual({ by: 'reservation', lacking: { fault: 'duplicates' } })
    expect(isUserCode(await users.ensure('auth0|new', WHEN, found))).toBe(true)
    await shared.deleteOne({ _id: 'auth0|b' })
    expect(await guard()).toEqual({ by: 'index' })
  })
})

describe('M3: the same code is drawn', () => {
  it.each([2, 50])('by %i at once: each gets a code of their own', async (count) => {
    const found = await guard()
    draws.next = Array.from({ length: count * LETTERS }, () => 0)
    const codes = await Promise.all(people(count).map((identity) => users.ensure(identity, WHEN, found)))
    expect(new Set(codes).size).toBe(count)
    expect(codes.every(isUserCode)).toBe(true)
    expect(new Set(await codesOf())).toEqual(new Set(codes))
  })

  it('by one person at once: everybody is told the one code', async () => {
    const found = await guard()
    const codes = await Promise.all(people(20).map(() => users.ensure('auth0|one', WHEN, found)))
    expect(new Set(codes).size).toBe(1)
    expect(await collections(world.db).users.countDocuments()).toBe(1)
  })

  it('again and again, for the year is full: codes grow', async () => {
    const found = await guard()
    await users.ensure('auth0|first', WHEN, found)
    const [taken] = (await codesOf()) as string[]
    await collections(world.db).users.updateOne({ _id: 'auth0|first' }, { $set: { code: 'ac25babab' } })
    expect(taken).toBeDefined()
    draws.next = Array.from({ length: 12 * LETTERS }, () => 0)
    const code = await users.ensure('auth0|second', WHEN, found)
    expect(code).toMatch(/^ac25\w{7}$/)
    expect(isUserCode(code)).toBe(true)
  })
})

describe('M5: a record that is not whole', () => {
  const theirs = { nick: 'kept', tags: ['a'], nested: { code: 1 } }

  it.each([
    ['without a code', { when: WHEN }, WHEN],
    ['without a time', { code: 'ac24dadad' }, WHEN],
    ['with a code of null', { code: null, when: WHEN }, WHEN],
    ['with neither', {}, WHEN],
    ['with a time of null', { code: 'ac24dadad', when: null }, WHEN],
    ['with a time of its own', { code: null, when: new Date(1) }, new Date(1)],
  ])('%s is filled in, and nothing else in it is touched', async (_, record, when) => {
    await world.db.collection('users').insertOne({ _id: 'auth0|x' as never, ...record, ...theirs })
    const code = await users.ensure('auth0|x', WHEN, await guard())
    if ('code' in record && record.code !== null) expect(code).toBe(record.code)
    expect(isUserCode(code)).toBe(true)
    expect(await collections(world.db).users.findOne({ _id: 'auth0|x' })).toEqual({
      _id: 'auth0|x',
      code,
      when,
      ...theirs,
    })
  })

  it('is filled in when several have a code of null, and the index is made after', async () => {
    const all = people(5)
    await world.db
      .collection<{ _id: string }>('users')
      .insertMany(all.map((_id) => ({ _id, code: null, when: WHEN, ...theirs })))
    const found = await guard()
    await Promise.all(all.map((identity) => users.ensure(identity, WHEN, found)))
    expect(await codesOf()).toHaveLength(5)
    expect(await guard()).toEqual({ by: 'index' })
  })

  it('keeps what it holds of an account when the account is recorded', async () => {
    await world.db.collection('users').insertOne({
      _id: 'auth0|x' as never,
      code: 'ac24dadad',
      when: WHEN,
      atproto: { sync: true },
      ...theirs,
    })
    const account = { did: 'did:plc:x', handle: '$handle', password: '$password' }
    expect(await users.recordAccount('auth0|x', account)).toBe(true)
    expect(await users.load('auth0|x')).toMatchObject({ atproto: { sync: true, ...account }, ...theirs })
    expect(await users.recordAccount('auth0|gone', account)).toBe(false)
  })
})
