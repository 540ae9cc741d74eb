import { describe, expect, it } from 'vitest'
import { array, assert, constantFrom, property } from 'fast-check'
import { withoutAddresses } from '../../src/contracts/addresses.ts'
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
    'mail to canary@почта.рф',
    'mail to canary@例え.テスト, please',
    'canary@xn--80a1acny.xn--p1ai',
    'root canary@localhost',
    'canary@[192.0.2.1]',
    '"canary doe"@example.com',
    'full width canary＠example.com',
    'x-api-key: canary',
    'cookie: a=canary; b=canary-too',
    '{"cookie":"a=canary; b=canary"}',
    'pwd=canary passwd=canary apiKey=canary client_assertion=canary',
    'mongodb://user:can/ary@db/canary:canary@localhost',
    'https://hooks.slack.com/services/T000/B000/canary',
    'https://discord.com/api/webhooks/1/canary',
  ])('loses what is personal in it: %s', (text) => {
    expect(withoutPersonal(text)).not.toMatch(/canary/)
  })

  it.each([
    'MongoDB does not answer. Bring MongoDB back, or correct MONGODB_URI.',
    'HOLDFAST_OPERATOR_TOKEN is missing: it must be at least 16 characters',
    'npm warn @temporalio/worker 1.24.0',
    'at file:///app/src/worker.ts:12:3',
    'signup/atproto/aesthetic/auth0|6123abc',
    'at file:///app/node_modules/@temporalio/client/lib/client.js:12:3',
    'at file:///cache/name@1.2.3-rc.js/file.js:1:1',
    'POST https://holdfast.example.com/webhooks/auth0/aesthetic',
    'foo@ bar, @handle, a @ b',
  ])('keeps the rest: %s', (text) => {
    expect(withoutPersonal(text)).toBe(text)
  })
})

describe('redaction', () => {
  const parts = constantFrom(
    '@',
    '%40',
    '＠',
    'a'.repeat(300),
    'a.b-',
    '.',
    '"',
    ' ',
    '[',
    'é',
    '://',
    '@@@@',
  )

  it('looks at each character a bounded number of times, whatever the text is made of', () => {
    const counted = (text: string): number => {
      let inspected = 0
      withoutAddresses(text, () => (inspected += 1))
      return inspected
    }
    assert(
      property(array(parts, { maxLength: 400 }), (made) => {
        const text = made.join('')
        expect(counted(text)).toBeLessThanOrEqual(4 * text.length + 4)
      }),
    )
    for (const hostile of ['a'.repeat(64_000), 'a@'.repeat(32_000), '@'.repeat(64_000), '"'.repeat(64_000)])
      expect(counted(hostile)).toBeLessThanOrEqual(4 * hostile.length + 4)
  })

  it('comes to an end for half a megabyte of each pattern that made a backtracking expression quadratic', () => {
    for (const word of ['a', 'eyJ-', 'password', 'mongodb://', 'cookie ', 'Bearer ', '//', 'a@']) {
      const text = word.repeat(500_000 / word.length)
      expect(withoutPersonal(text).length).toBeLessThanOrEqual(10 * text.length)
    }
  })
})
