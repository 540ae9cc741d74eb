import { describe, expect, it } from 'vitest'
import { codeIndexText, type CodeIndexFault } from '../../../src/contracts/atproto/code-index.ts'
import {
  assessCodeIndexes,
  freeIndexName,
  type IndexDescription,
} from '../../../src/domain/atproto/code-index.ts'

const id: IndexDescription = { name: '_id_', key: { _id: 1 } }
const code = (rest: Partial<IndexDescription> = {}): IndexDescription => ({
  name: 'code_1',
  key: { code: 1 },
  unique: true,
  sparse: true,
  ...rest,
})

describe('M1 M2: what stands on users.code', () => {
  it.each([
    ['under the name the database gave it', code(), 'code_1'],
    ['under any other name', code({ name: 'code_unique' }), 'code_unique'],
    ['in descending order', code({ key: { code: -1 } }), 'code_1'],
    [
      'partial over users that have a code',
      code({ sparse: false, partialFilterExpression: { code: { $exists: true } } }),
      'code_1',
    ],
    [
      'partial over codes that are text',
      code({ sparse: false, partialFilterExpression: { code: { $type: 'string' } } }),
      'code_1',
    ],
  ])('is used when it is unique and sparse, %s', (_, index, name) => {
    expect(assessCodeIndexes([id, index])).toEqual({ state: 'equivalent', name })
  })

  it.each<[CodeIndexFault, IndexDescription]>([
    ['not-unique', code({ unique: false })],
    ['not-unique', code({ unique: undefined })],
    ['not-sparse', code({ sparse: false })],
    ['not-sparse', code({ sparse: undefined })],
    ['not-sparse', code({ sparse: undefined, key: { code: -1 } })],
    ['not-unique', code({ unique: false, sparse: undefined })],
    ['not-unique', code({ key: { code: 'hashed' } })],
    ['not-unique', code({ key: { code: '2d' } })],
    ['partial', code({ sparse: false, partialFilterExpression: { when: { $exists: true } } })],
    ['partial', code({ sparse: false, partialFilterExpression: { code: { $exists: true }, kind: 'a' } })],
    ['partial', code({ sparse: false, partialFilterExpression: { code: { $type: 'int' } } })],
    ['partial', code({ sparse: false, partialFilterExpression: { code: { $gt: 'b' } } })],
    ['refuses-codes', code({ key: { code: '2dsphere' } })],
    ['refuses-codes', code({ key: { when: 1, code: '2dsphere' } })],
  ])('is named, with what is wrong, when it is %s: %j', (fault, index) => {
    expect(assessCodeIndexes([id, index])).toMatchObject({
      state: 'not-equivalent',
      detail: { fault, index: 'code_1' },
      unique: fault === 'not-sparse',
    })
  })

  it.each([
    { code: { $type: 2 } },
    { code: { $type: ['string'] } },
    { code: { $type: ['null', 'string'] } },
    { code: { $gt: '' } },
    { code: { $gte: '' } },
    { code: { $exists: true, $type: 'string' } },
    { $and: [{ code: { $exists: true } }, { code: { $type: 'string' } }] },
    { $or: [{ code: { $type: 'string' } }, { active: true }] },
  ])('is used when it is unique over all codes of text: %j', (partialFilterExpression) => {
    const index = code({ sparse: undefined, partialFilterExpression })
    expect(assessCodeIndexes([id, index])).toEqual({ state: 'equivalent', name: 'code_1' })
  })

  it('is full where there are 64 and none on code', () => {
    const many = Array.from({ length: 64 }, (_, n) => ({ name: `f${n}`, key: { [`f${n}`]: 1 } }))
    expect(assessCodeIndexes(many)).toMatchObject({ detail: { fault: 'full' } })
    expect(assessCodeIndexes(many.slice(1))).toEqual({ state: 'missing' })
    expect(assessCodeIndexes([...many.slice(1), code({ unique: false })])).toMatchObject({
      detail: { fault: 'not-unique' },
    })
  })

  it.each([
    ['only the index on _id', [id]],
    ['no index at all', []],
    ['a compound index, which lets one code stand twice', [id, code({ key: { code: 1, tenant: 1 } })]],
    ['an index on another field', [id, code({ key: { codes: 1 } })]],
    ['a text index', [id, code({ key: { _fts: 'text', _ftsx: 1 } })]],
    ['a wildcard index', [id, code({ key: { '$**': 1 } })]],
    ['an index on a part of the code', [id, code({ key: { 'code.x': 1 } })]],
  ])('is missing where there is %s', (_, indexes) => {
    expect(assessCodeIndexes(indexes)).toEqual({ state: 'missing' })
  })

  it('is judged by the good one where a bad one stands beside it', () => {
    const bad = code({ name: 'old', unique: false })
    expect(assessCodeIndexes([id, bad, code({ name: 'good' })])).toEqual({
      state: 'equivalent',
      name: 'good',
    })
  })

  it('is no less judged for having no name', () => {
    const state = assessCodeIndexes([code({ name: undefined, unique: false })])
    expect(state).toMatchObject({ detail: { fault: 'not-unique', index: 'without a name' } })
  })
})

describe('M8: the name of an index of ours', () => {
  it.each([
    ['code_unique', []],
    ['code_unique', [code()]],
    ['code_unique_2', [code({ name: 'code_unique' })]],
    ['code_unique_3', [code({ name: 'code_unique' }), code({ name: 'code_unique_2' })]],
  ])('is %s where that is free', (name, indexes) => {
    expect(freeIndexName(indexes)).toBe(name)
  })
})

describe('M2: what is told of an index', () => {
  const told = (fault: CodeIndexFault, words = {}) =>
    codeIndexText({ fault, index: 'code_1', ...words }, 'atproto')

  it('says what it does to users, and only that', () => {
    expect(told('not-sparse').sentence).toBe(
      'The unique index code_1 on users.code is not sparse: it rejects a second user without a code.',
    )
    expect(told('not-unique').sentence).toContain('two users can have the same code')
    expect(told('partial', { filter: '{"active":true}' }).sentence).toContain(
      'only users that match {"active":true}',
    )
    expect(told('refuses-codes', { type: '2dsphere' }).sentence).toContain('MongoDB rejects every user')
    expect(told('full').fix).toContain('$indexStats')
  })

  it('never says that the next signup makes an index that cannot be made', () => {
    for (const fault of ['not-unique', 'not-sparse', 'partial', 'duplicates', 'full', 'refused'] as const) {
      const { sentence, fix } = told(fault)
      expect(sentence + fix).not.toContain('next signup')
      expect(fix).toContain('holdfast diagnose atproto --fix-index')
    }
  })
})
