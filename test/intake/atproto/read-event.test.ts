import { describe, expect, it } from 'vitest'
import { readLogEntry } from '../../../src/intake/atproto/read-event.ts'

describe('E3: a login that names nobody', () => {
  it.each([[{}], [{ user_id: '' }], [{ user_id: null }]])('says nothing and is ignored (%j)', (rest) => {
    expect(readLogEntry({ type: 's', ...rest })).toMatchObject({ is: 'ignored', code: 's' })
  })
})

describe.each(['ss', 'sv', 'sce'])('E3: %s without a user_id of its own', (type) => {
  it.each([['query'], ['body']])('is of the person that its details.%s names', (part) => {
    for (const user_id of [undefined, null, ''])
      expect(readLogEntry({ type, user_id, details: { [part]: { user_id: 'auth0|a' } } })).toMatchObject({
        is: 'event',
        userId: 'auth0|a',
      })
  })

  it('is malformed where nothing names anybody, and its own id comes first where there is one', () => {
    expect(readLogEntry({ type, details: { query: { user_id: 7 }, body: 'none' } })).toMatchObject({
      is: 'malformed',
    })
    expect(
      readLogEntry({ type, user_id: 'auth0|own', details: { query: { user_id: 'auth0|other' } } }),
    ).toMatchObject({ userId: 'auth0|own' })
  })
})

it('E3: a deletion is never read off the details', () => {
  expect(readLogEntry({ type: 'sdu', details: { body: { user_id: 'auth0|a' } } })).toMatchObject({
    is: 'malformed',
  })
})
