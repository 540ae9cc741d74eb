import type { CreateCollectionOptions, CreateIndexesOptions, IndexSpecification } from 'mongodb'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AtprotoDeps } from '../../../src/activities/atproto/deps.ts'
import {
  assessCodeIndex,
  createCodeIndex,
  type CodeUniqueness,
} from '../../../src/adapters/mongo/code-index.ts'
import { replaceCodeIndex } from '../../../src/adapters/mongo/replace-code-index.ts'
import { isUserCode } from '../../../src/domain/atproto/user-code.ts'
import { openWorld, type World } from '../../support/world.ts'

const WHEN = new Date('2025-05-05T05:05:05.000Z')
let world: World
let records: AtprotoDeps['users']
beforeAll(async () => {
  world = await openWorld()
  records = world.connectDeps().users
})
beforeEach(async () => {
  await world.db.dropCollection('users')
  for (const { name } of await world.db.listCollections({ name: /^holdfast_/ }).toArray())
    await world.db.collection(name).deleteMany({})
})

interface AnyUser {
  _id: string
  [field: string]: unknown
}
const users = () => world.db.collection<AnyUser>('users')
const guard = (): Promise<CodeUniqueness> => createCodeIndex(world.db).ensureUnique()
const look = () => assessCodeIndex(world.db)
const names = async () => (await users().listIndexes().toArray()).map(({ name }) => String(name))
const make = (key: IndexSpecification, options: CreateIndexesOptions = {}) =>
  users().createIndex(key, options)
const fill = async (count: number) => {
  for (let n = 0; n < count; n += 1) await make({ [`f${n}`]: 1 })
}

/** Five people sign up in parallel; each has to get a different code. */
async function signUp(): Promise<CodeUniqueness> {
  const found = await guard()
  const codes = await Promise.all(
    ['a', 'b', 'c', 'd', 'e'].map((name) => records.ensure(`auth0|${name}`, WHEN, found)),
  )
  expect(codes.every(isUserCode)).toBe(true)
  expect(new Set(codes).size).toBe(5)
  return found
}
const kept = async () => {
  expect(await look()).toMatchObject({ state: 'equivalent' })
  await users().insertOne({ _id: 'one', code: 'ac26babab' })
  await expect(users().insertOne({ _id: 'two', code: 'ac26babab' })).rejects.toMatchObject({ code: 11_000 })
  await users().insertMany([
    { _id: 'three', when: new Date(3) },
    { _id: 'four', when: new Date(4) },
  ])
}

const SHAPES: [string, IndexSpecification, CreateIndexesOptions, string | null, 'index' | 'reservation'][] = [
  ['a TTL index', { code: 1 }, { expireAfterSeconds: 60 }, 'not-unique', 'reservation'],
  [
    'a unique sparse TTL index',
    { code: 1 },
    { expireAfterSeconds: 60, unique: true, sparse: true },
    null,
    'index',
  ],
  ['a hashed index', { code: 'hashed' }, {}, 'not-unique', 'reservation'],
  ['a 2d index', { code: '2d' }, {}, 'not-unique', 'reservation'],
  ['a text index', { code: 'text' }, {}, null, 'index'],
  ['a wildcard index', { '$**': 1 }, {}, null, 'index'],
  ['a wildcard index below code', { 'code.$**': 1 }, {}, null, 'index'],
  ['a hidden unique index', { code: 1 }, { unique: true, hidden: true }, 'not-sparse', 'index'],
  ['a unique descending index', { code: -1 }, { unique: true }, 'not-sparse', 'index'],
  ['a unique index of weight 1.5', { code: 1.5 as 1 }, { unique: true, sparse: true }, null, 'index'],
  [
    'a case-insensitive one',
    { code: 1 },
    { unique: true, sparse: true, collation: { locale: 'en', strength: 2 } },
    null,
    'index',
  ],
  [
    'a case-insensitive one that is not unique',
    { code: 1 },
    { collation: { locale: 'en', strength: 2 } },
    'not-unique',
    'reservation',
  ],
  ['a unique compound one that begins with code', { code: 1, when: 1 }, { unique: true }, null, 'index'],
  [
    'one on other keys with the name code_1',
    { code: 1, when: 1 },
    { unique: true, name: 'code_1' },
    null,
    'index',
  ],
  ['one on other keys with the name code_unique', { nick: 1 }, { name: 'code_unique' }, null, 'index'],
  [
    'a partial one over active users',
    { code: 1 },
    { unique: true, partialFilterExpression: { active: true } },
    'partial',
    'reservation',
  ],
  [
    'a partial one over codes of another type',
    { code: 1 },
    { unique: true, partialFilterExpression: { code: { $type: 'int' } } },
    'partial',
    'reservation',
  ],
  [
    'a partial one over codes that are text',
    { code: 1 },
    { unique: true, partialFilterExpression: { code: { $gt: '' } } },
    null,
    'index',
  ],
]

describe.each(SHAPES)('M2 M8: users has %s', (_, key, options, fault, by) => {
  it('and every signup goes through, with a code of its own; the fix replaces it', async () => {
    await make(key, options)
    const found = await signUp()
    expect([found.by, found.lacking?.fault ?? null]).toEqual([by, fault])
    const state = await look()
    expect(state.state === 'not-equivalent' ? state.detail : undefined).toEqual(found.lacking)
    await users().deleteMany({})
    expect((await replaceCodeIndex(world.db)).did).toBe(fault === null ? 'nothing' : 'replaced')
    await kept()
  })
})

describe('M8: users has all the indexes it may have', () => {
  it('and every signup goes through by reservations; nothing promises an index; the fix says what to drop', async () => {
    await fill(63)
    expect(await signUp()).toEqual({ by: 'reservation', lacking: { fault: 'full' } })
    expect(await look()).toMatchObject({ detail: { fault: 'full' } })
    expect(await replaceCodeIndex(world.db)).toEqual({ did: 'full' })
    await users().dropIndex('f0_1')
    expect(await replaceCodeIndex(world.db)).toEqual({ did: 'created', index: 'code_unique' })
  })

  it.each([[{ name: 'code_1' }], [{ name: 'code_unique' }], [{ name: 'code_1', unique: true }]])(
    'one of them on code (%j): the fix drops that one first',
    async (options) => {
      await fill(62)
      await make({ code: 1 }, options)
      await signUp()
      await users().deleteMany({})
      expect(await replaceCodeIndex(world.db)).toMatchObject({ did: 'replaced', dropped: options.name })
      expect(await names()).toContain('code_unique')
      expect(await names()).toHaveLength(64)
      await kept()
    },
  )

  it('and the new one cannot be made: the old one comes back', async () => {
    await fill(62)
    await make({ code: 1 }, { name: 'code_1', hidden: true })
    await users().insertMany([
      { _id: 'a', code: 's' },
      { _id: 'b', code: 's' },
    ])
    await expect(replaceCodeIndex(world.db)).rejects.toMatchObject({ problem: 'mongo-refused' })
    expect(await users().indexes()).toContainEqual(expect.objectContaining({ name: 'code_1', hidden: true }))
  })
})

describe('M8: --rename', () => {
  it.each([[{ code: 1 }], [{ code: -1 }]])('replaces an equivalent index (%j), and once', async (key) => {
    await make(key, { unique: true, sparse: true, name: 'code_1' })
    expect(await replaceCodeIndex(world.db)).toEqual({ did: 'nothing', index: 'code_1' })
    const replaced = { did: 'replaced', index: 'code_unique', dropped: 'code_1' }
    expect(await replaceCodeIndex(world.db, { rename: true })).toEqual(replaced)
    expect(await names()).toEqual(['_id_', 'code_unique'])
    expect(await replaceCodeIndex(world.db, { rename: true })).toEqual({
      did: 'nothing',
      index: 'code_unique',
    })
    // The index that the application of the README's story creates is present now.
    await make({ code: 1 }, { unique: true, sparse: true, name: 'code_unique' })
    await kept()
  })

  it('replaces an index of our name that is not unique, and leaves the name where others have it', async () => {
    await make({ code: 1 }, { name: 'code_unique' })
    expect(await replaceCodeIndex(world.db)).toMatchObject({ did: 'replaced', index: 'code_unique' })
    await users().dropIndexes()
    await make({ nick: 1 }, { name: 'code_unique' })
    await make({ code: 1 }, { unique: true, sparse: true })
    expect(await replaceCodeIndex(world.db, { rename: true })).toEqual({ did: 'name-taken', index: 'code_1' })
  })
})

describe('M2: an index that MongoDB holds against the record itself', () => {
  it.each<[IndexSpecification]>([[{ code: '2dsphere' }], [{ when: 1, code: '2dsphere' }]])(
    'since it takes no text (%j): it is named, and replaced by the fix',
    async (key) => {
      await make(key, { name: 'place' })
      const detail = { fault: 'refuses-codes', index: 'place', type: '2dsphere' }
      await expect(guard()).rejects.toMatchObject({ problem: 'index-not-equivalent', detail })
      expect(await replaceCodeIndex(world.db)).toMatchObject({ did: 'replaced', dropped: 'place' })
      await signUp()
    },
  )

  it('is only dropped where another index keeps codes apart', async () => {
    await make({ code: '2dsphere' }, { name: 'place' })
    await make({ code: 1 }, { unique: true, sparse: true, name: 'code_unique' })
    expect(await replaceCodeIndex(world.db)).toEqual({
      did: 'dropped',
      index: 'code_unique',
      dropped: 'place',
    })
    expect(await names()).toEqual(['_id_', 'code_unique'])
    await kept()
  })

  it.each([
    [{ email: 1 }, 'email'],
    [{ 'code.x': 1 }, 'code.x'],
    [{ email: 1, nick: 1 }, 'email and nick'],
  ])('since it is unique over what the record has not (%j): it is named', async (key, fields) => {
    await make(key, { unique: true, name: 'theirs' })
    const found = await guard()
    await records.ensure('auth0|first', WHEN, found)
    await expect(records.ensure('auth0|second', WHEN, found)).rejects.toMatchObject({
      problem: 'index-refuses-user',
      detail: { index: 'theirs', fields },
    })
  })
})

describe('M8: users is', () => {
  it.each<[string, CreateCollectionOptions]>([
    ['capped', { capped: true, size: 100_000 }],
    ['clustered', { clusteredIndex: { key: { _id: 1 }, unique: true } }],
    ['case-insensitive', { collation: { locale: 'en', strength: 2 } }],
  ])('%s: the index is made, and signups go through', async (_, options) => {
    await world.db.createCollection('users', options)
    expect(await signUp()).toEqual({ by: 'index' })
  })

  it('a time-series collection: no index is promised', async () => {
    await world.db.createCollection('users', { timeseries: { timeField: 'when' } })
    const detail = { fault: 'unsupported', type: 'time-series collection' }
    expect(await look()).toMatchObject({ detail })
    expect(await guard()).toEqual({ by: 'reservation', lacking: detail })
    expect(await replaceCodeIndex(world.db)).toEqual({ did: 'unsupported', type: 'time-series collection' })
  })

  it('a view: no index is promised', async () => {
    await world.db.createCollection('users', { viewOn: 'people', pipeline: [] })
    expect(await guard()).toEqual({ by: 'reservation', lacking: { fault: 'unsupported', type: 'view' } })
    expect(await look()).toMatchObject({ detail: { fault: 'unsupported', type: 'view' } })
  })
})

it('M2: an index that is missing is never promised while users share a code', async () => {
  expect(await look()).toEqual({ state: 'missing' })
  await users().insertMany([
    { _id: 'a', code: null },
    { _id: 'b', code: null },
  ])
  expect(await look()).toMatchObject({ detail: { fault: 'duplicates' } })
  expect(await signUp()).toEqual({ by: 'reservation', lacking: { fault: 'duplicates' } })
})

describe('M5: a code that is not text', () => {
  const reserved = () => world.db.collection('holdfast_codes').countDocuments()

  it.each([[7], [['ac26babab']], [[null]], [['']], [[]], [{ code: 'ac26babab' }], [true], [WHEN]])(
    '(%j) is a problem of its own: no reservation is used, and it stays',
    async (code) => {
      await make({ code: 1 }, { name: 'code_1' })
      await users().insertOne({ _id: 'auth0|x', code })
      const found = await guard()
      await expect(records.ensure('auth0|x', WHEN, found)).rejects.toMatchObject({
        problem: 'code-not-text',
      })
      for (const by of [found, { by: 'index' } as const])
        await records.fillIn([{ identity: 'auth0|x', signedUpAt: WHEN }], by)
      expect(await users().findOne({ _id: 'auth0|x' })).toEqual({ _id: 'auth0|x', code, when: WHEN })
      expect(await reserved()).toBe(0)
    },
  )
})
