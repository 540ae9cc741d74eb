import { describe, expect, it } from 'vitest'
import { isPersonalField, withoutPersonal } from '../../src/contracts/personal.ts'

describe('a field is personal by its name', () => {
  it.each([
    'email',
    'Email',
    'password',
    'clientSecret',
    'refresh_token',
    'access-token',
    'inviteCode',
    'accessJwt',
  ])('%s is', (name) => expect(isPersonalField(name)).toBe(true))
  it.each(['emailVerified', 'code', 'identity', 'stage', 'passwordStorage', 'tokens'])('%s is not', (name) =>
    expect(isPersonalField(name)).toBe(false),
  )
})

describe('T8: free text', () => {
  it.each([
    'cannot write canary@example.com to users',
    'GET /api/v2/users/samlp%7Cacme%7Ccanary%40example.com failed',
    'no signup of samlp|acme|canary@example.com',
    'mongodb://user:canary@localhost:27017/?replicaSet=rs0 does not answer',
    'https://canary:secret@pds.example.com/xrpc',
    'authorization: Bearer canary-token-123',
    'sent Basic Y2FuYXJ5OmNhbmFyeQ=canary',
    '{"password":"canary word","n":1}',
    '{\\"token\\":\\"canary\\"}',
    'client_secret=canary&grant_type=x',
    "password: 'canary one'",
    'eyJcanary123.canary456.canary789',
  ])('loses what is personal in it: %s', (text) => {
    expect(withoutPersonal(text)).not.toMatch(/canary/)
  })

  it.each([
    'MongoDB does not answer. Bring MongoDB back, or correct MONGODB_URI.',
    'HOLDFAST_OPERATOR_TOKEN is missing: it must be at least 16 characters',
    'npm warn @temporalio/worker 1.24.0',
    'at file:///app/src/worker.ts:12:3',
    'signup/atproto/aesthetic/auth0|6123abc',
  ])('keeps the rest: %s', (text) => {
    expect(withoutPersonal(text)).toBe(text)
  })
})
