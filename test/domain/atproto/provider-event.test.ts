import { describe, expect, it } from 'vitest'
import { apiCallEvent, providerEventKind } from '../../../src/domain/atproto/provider-event.ts'

describe("what a log code of the provider's asks of us", () => {
  it.each([
    ['ss', 'signed-up'],
    ['sv', 'email-verified'],
    ['sce', 'email-changed'],
    ['sdu', 'deleted'],
    ['s', 'seen'],
    ['sui', 'imported'],
  ])('%s means %s', (code, kind) => {
    expect(providerEventKind(code)).toBe(kind)
  })

  it.each([
    'fs',
    'fv',
    'fvr',
    'svr',
    'f',
    'SS',
    '',
    'gd_auth_succeed',
    'constructor',
    '__proto__',
    'toString',
  ])('%j asks for nothing', (code) => {
    expect(providerEventKind(code)).toBeNull()
  })
})

describe('E7: what a call of the Management API asks of us', () => {
  const one = '/api/v2/users/auth0%7C6123abc'
  const call = { method: 'patch', path: one, fields: [], createdUserId: null }

  it.each([
    [
      'a user made by an administrator',
      { method: 'post', path: '/api/v2/users', createdUserId: 'auth0|6123abc' },
      'seen',
    ],
    ['a change of metadata', { fields: ['user_metadata'] }, 'seen'],
    ['an address set', { fields: ['email', 'verify_email'] }, 'email-verified'],
    ['an address declared verified', { fields: ['email_verified'] }, 'email-verified'],
    ['a deletion', { method: 'DELETE' }, 'deleted'],
  ])('%s', (_, part, kind) => {
    expect(apiCallEvent({ ...call, ...part })).toEqual({ kind, userId: 'auth0|6123abc' })
  })

  it('a user made by an answer that names nobody is looked for in the list of users', () => {
    expect(apiCallEvent({ ...call, method: 'post', path: '/api/v2/users' })).toEqual({
      kind: 'imported',
      userId: null,
    })
  })

  it.each([
    ['the removal of a role', { method: 'delete', path: `${one}/roles` }],
    ['the removal of an authenticator', { method: 'delete', path: `${one}/authenticators/x` }],
    ['a mail sent again', { method: 'post', path: '/api/v2/jobs/verification-email' }],
    ['a reading', { method: 'get' }],
    ['a client', { path: '/api/v2/clients/abc' }],
    ['an id that cannot be decoded', { path: '/api/v2/users/%E0%A4%A' }],
  ])('%s asks for nothing', (_, part) => {
    expect(apiCallEvent({ ...call, ...part })).toBeNull()
  })
})
