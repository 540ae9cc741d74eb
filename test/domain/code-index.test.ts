import { describe, expect, it } from 'vitest'
import { codeIndexState, type IndexDescription } from '../../src/domain/code-index.ts'

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
    expect(codeIndexState([id, index])).toEqual({ state: 'equivalent', name })
  })

  it.each([
    ['unique', code({ unique: false })],
    ['unique', code({ unique: undefined })],
    ['sparse', code({ sparse: false })],
    ['sparse', code({ sparse: undefined })],
    ['unique and sparse', code({ unique: false, sparse: undefined })],
    ['unique', code({ key: { code: 'hashed' } })],
    ['sparse', code({ sparse: false, partialFilterExpression: { when: { $exists: true } } })],
    ['sparse', code({ sparse: false, partialFilterExpression: { code: { $exists: true }, kind: 'a' } })],
  ])('is named, with what it lacks, when it is not %s: %j', (lacks, index) => {
    expect(codeIndexState([id, index])).toEqual({ state: 'not-equivalent', name: 'code_1', lacks })
  })

  it.each([
    ['only the index on _id', [id]],
    ['no index at all', []],
    ['a compound index, which lets one code stand twice', [id, code({ key: { code: 1, tenant: 1 } })]],
    ['an index on another field', [id, code({ key: { codes: 1 } })]],
  ])('is missing where there is %s', (_, indexes) => {
    expect(codeIndexState(indexes)).toEqual({ state: 'missing' })
  })

  it('is judged by the good one where a bad one stands beside it', () => {
    const bad = code({ name: 'old', unique: false })
    expect(codeIndexState([id, bad, code({ name: 'good' })])).toEqual({ state: 'equivalent', name: 'good' })
  })

  it('is no less judged for having no name', () => {
    const state = codeIndexState([code({ name: undefined, unique: false })])
    expect(state).toEqual({ state: 'not-equivalent', name: 'without a name', lacks: 'unique' })
  })
})
