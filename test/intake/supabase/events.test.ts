import { describe, expect, it } from 'vitest'
import { supabaseEventReader } from '../../../src/intake/supabase/events.ts'

const ID = '3f0c9b1e-5a64-4c1f-9d0e-2b7a6c1d8e90'
const at = '2026-05-01T00:00:00+00:00'
const webhook = (type: string, more: object = {}) => ({
  type,
  table: 'users',
  schema: 'auth',
  record: type === 'DELETE' ? null : { id: ID, created_at: at },
  old_record: type === 'INSERT' ? null : { id: ID, created_at: at },
  ...more,
})
const hook = { metadata: { name: 'after-user-created', uuid: 'x' }, user: { id: ID, email: 'a@x.de' } }
const event = (kind: string, date: string | null = null) => ({
  is: 'event',
  kind,
  identity: ID,
  date,
  eventId: null,
})
const ignored = { is: 'ignored', noted: null }

const first = supabaseEventReader('holdfast')
const second = supabaseEventReader('trigger')

describe('an event of Supabase', () => {
  it('starts a signup where Holdfast creates the profiles', () => {
    expect(first(webhook('INSERT'), '-')).toEqual(event('signed-up', at))
    expect(first(webhook('UPDATE'), '-')).toEqual(event('seen')) // perhaps an anonymous user was converted
  })

  it('starts nothing where the trigger or the application does', () => {
    for (const read of [second, supabaseEventReader('application')]) {
      expect(read(webhook('INSERT'), '-')).toMatchObject(ignored)
      expect(read(webhook('UPDATE'), '-')).toMatchObject(ignored)
      expect(read(hook, '-')).toMatchObject(ignored)
    }
  })

  it('of a hook only means that the user may exist (S2)', () => {
    expect(first(hook, '-')).toEqual(event('seen'))
  })

  it('of a deletion is one for every project', () => {
    for (const read of [first, second]) expect(read(webhook('DELETE'), '-')).toEqual(event('deleted'))
  })

  it('of another table is ignored', () => {
    expect(first(webhook('INSERT', { table: 'sessions' }), '-')).toMatchObject(ignored)
    expect(first(webhook('INSERT', { schema: 'public' }), '-')).toMatchObject(ignored)
  })

  it.each([
    ['a text', 'x', 'not an object'],
    ['neither webhook nor hook', { hello: 1 }, 'neither a database webhook nor an auth hook'],
    ['a row without an id', webhook('INSERT', { record: {} }), 'the row has no id of a user'],
    ['an id that is no uuid', webhook('INSERT', { record: { id: '1 or 1' } }), 'the row has no id of a user'],
    ['a hook without a user', { metadata: {}, user: {} }, 'the hook names no user'],
  ])('is quarantined where it is %s', (_, entry, reason) => {
    expect(first(entry, '-')).toEqual({ is: 'malformed', reason })
  })
})
