import { Binary, Decimal128, Long, type Document } from 'mongodb'
import { beforeEach, describe, expect, it } from 'vitest'
import { createApplicationRecords } from '../../../../src/adapters/mongo/application-records.ts'
import { readByColumns } from '../../../../src/adapters/mongo/lib/read-by-columns.ts'
import { createAuditSnapshot } from '../../../../src/state/mongo/atproto/audit-snapshot.ts'
import { createPersonMemory } from '../../../../src/state/mongo/atproto/person-memory.ts'
import { openWorld } from '../../../support/world.ts'

const { db } = await openWorld()
const odd = db.collection<Document & { _id: string }>('odd')
const ALL = [{ $match: { _id: { $gt: '' } } }]
const FIELDS = { _id: '$_id', code: '$code', when: '$when', atproto: '$atproto' } as const
const read = () => readByColumns<Document>(odd, ALL, FIELDS)
const asDocuments = () =>
  odd.find({ _id: { $gt: '' } }, { projection: { code: 1, when: 1, atproto: 1 } }).toArray()
const MEGABYTE = 2 ** 20

beforeEach(() => odd.deleteMany({}))

describe('M7: documents that are read by columns', () => {
  it('are the same rows, in the same order, as documents', async () => {
    const values: unknown[] = [
      null,
      '',
      'missing',
      'ключ 🦋',
      'x'.repeat(MEGABYTE),
      0,
      -0.5,
      Number.NaN,
      2 ** 40,
      Long.fromString('9007199254740993'),
      Decimal128.fromString('1.5'),
      true,
      new Date(0),
      [],
      [null, 'a', ['missing']],
      { did: 'did:plc:a', handle: null },
      [{ did: 'did:plc:a' }],
      new Binary(Buffer.from('a')),
    ]
    await odd.insertMany([
      ...values.map((value, n) => ({ _id: `b${n}`, code: value, atproto: { did: value } })),
      { _id: 'c', when: null },
      { _id: 'a' },
    ])
    const rows = await read()
    expect(rows).toStrictEqual(await asDocuments())
    expect(rows).toHaveLength(values.length + 2)
    expect(rows[0]).toStrictEqual({ _id: 'a' })
    expect(rows.at(-1)).toStrictEqual({ _id: 'c', when: null })
  })

  it('are no rows where there is no document', async () => {
    expect(await read()).toEqual([])
  })

  it.each([14, 17, 70, 120])(
    'are read as documents where one answer would be too large: %i MB',
    async (length) => {
      const code = 'x'.repeat(MEGABYTE)
      const large = Array.from({ length }, (_, n) => ({ _id: `p${String(n).padStart(3, '0')}`, code }))
      await odd.insertMany(large)
      expect(await read()).toStrictEqual(large)
    },
  )

  it('are all read where they are very many', async () => {
    const many = Array.from({ length: 60_000 }, (_, n) => ({
      _id: `p${String(n).padStart(6, '0')}`,
      code: n,
    }))
    await odd.insertMany(many)
    expect(await read()).toStrictEqual(many)
  })

  it('name the collection when they are refused', async () => {
    const wrong = readByColumns(odd, [{ $match: { $unknown: 1 } }], FIELDS)
    await expect(wrong).rejects.toMatchObject({ problem: 'mongo-refused', detail: { collection: 'odd' } })
  })
})

describe('M7: an audit that reads odd records', () => {
  const range = { after: 'odd|', upTo: 'odd|z' }

  it('takes each value of the application as it is, or as missing', async () => {
    const when = new Date('2026-01-01T00:00:00.000Z')
    const insert = (name: string, documents: Document[]) =>
      db.collection<Document & { _id: string }>(name).insertMany(documents as (Document & { _id: string })[])
    await insert('verifications', [
      { _id: 'odd|a', count: 2 },
      { _id: 'odd|b', count: '2' },
      { _id: 'odd|c' },
    ])
    await insert('users', [
      {
        _id: 'odd|a',
        code: 'ac26babab',
        when,
        atproto: { did: 'did:plc:a', handle: 'a.test', password: 'x' },
      },
      { _id: 'odd|d', code: null, when: 'no time', atproto: null },
      { _id: 'odd|e', code: 7, when: when.toISOString(), atproto: { did: 7, handle: '' } },
      { _id: 'odd|f', when: when.getTime(), atproto: [{ did: 'did:plc:f' }] },
      { _id: 'odd|g', code: ['ac26cicic'], when: [when], atproto: 'did:plc:g' },
    ])
    await insert('@handles', [
      { _id: 'odd|a', handle: 'A' },
      { _id: 'odd|h', handle: 7 },
    ])
    const none = { verifications: null, user: null, chosenHandle: null }
    const user = (code: unknown, at: Date | null) => ({
      ...none,
      user: { code, when: at, did: null, handle: null },
    })
    const { load, dids } = createApplicationRecords(db)
    const people = await load(range)
    expect([...people]).toStrictEqual([
      [
        'odd|a',
        {
          verifications: 2,
          user: { code: 'ac26babab', when, did: 'did:plc:a', handle: 'a.test' },
          chosenHandle: 'A',
        },
      ],
      ['odd|b', { ...none, verifications: 0 }],
      ['odd|c', { ...none, verifications: 0 }],
      ['odd|d', user(null, new Date(0))],
      ['odd|e', user(7, when)],
      ['odd|f', user(undefined, when)],
      ['odd|g', user(['ac26cicic'], new Date(0))],
      ['odd|h', none],
    ])
    expect(await load([...people.keys()])).toStrictEqual(people)
    expect(await load([])).toStrictEqual(new Map())
    expect(await dids('did:plc:', 1)).toEqual(['did:plc:a'])
  })

  it('takes a remembered account only where it is whole', async () => {
    const people = db.collection<Document & { _id: string }>('holdfast_people')
    await people.insertMany([
      {
        _id: 'odd|a',
        code: 'a',
        codes: ['a'],
        when: null,
        did: 'did:plc:a',
        handle: 'a.test',
        proof: 'created',
      },
      { _id: 'odd|b', code: 'b', codes: ['b'], when: null, did: 'did:plc:b' },
      { _id: 'odd|c', codes: [], did: null, handle: null, proof: null },
    ])
    expect([...(await createPersonMemory(db).loadMany(range))]).toStrictEqual([
      ['odd|a', { code: 'a', when: null, account: { did: 'did:plc:a', handle: 'a.test', proof: 'created' } }],
      ['odd|b', { code: 'b', when: null, account: null }],
      ['odd|c', { code: undefined, when: undefined, account: { did: null, handle: null, proof: null } }],
    ])
  })

  it('reads its own lists as they were written', async () => {
    const snapshot = createAuditSnapshot(db)
    const createdAt = new Date(0)
    const person = { identity: 'odd|a', createdAt, verified: true, address: 'hash', alias: null }
    const account = { did: 'did:plc:a', state: 'active', handle: null, address: null, createdAt: null }
    await snapshot.addIdentities('one', [person])
    await snapshot.addIdentities('two', [{ ...person, verified: false }])
    await snapshot.addAccounts('one', [account, { ...account, did: 'did:plc:b' }])
    expect([...(await snapshot.identities('one', range))]).toStrictEqual([['odd|a', person]])
    expect([...(await snapshot.accounts('one', ['did:plc:a']))]).toStrictEqual([['did:plc:a', account]])
    expect(await snapshot.dids('one', 'did:plc:a', 5)).toEqual(['did:plc:b'])
    expect(await snapshot.dids('one', '', 1)).toEqual(['did:plc:a'])
  })
})
