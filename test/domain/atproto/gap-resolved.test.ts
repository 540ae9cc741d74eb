import { expect, it } from 'vitest'
import type { Finding, Gap } from '../../../src/contracts/gaps.ts'
import { mayBeResolved } from '../../../src/domain/atproto/gap-resolved.ts'
import type { StoredPerson } from '../../../src/domain/atproto/gap-rules.ts'

const finding = (kind: Gap, evidence: Record<string, string> = {}): Finding => ({
  system: 'atproto',
  identity: 'auth0|1',
  tenant: 'aesthetic',
  kind,
  since: null,
  evidence,
  repair: null,
})
const nothing: StoredPerson = { verifications: null, user: null, chosenHandle: null }
const user = { code: 'ac26paxed', when: new Date(), did: 'did:plc:a', handle: null }
const whole: StoredPerson = { verifications: 1, user, chosenHandle: null }

it.each([
  ['verification-missing', nothing, false],
  ['verification-missing', whole, true],
  ['user-missing', nothing, false],
  ['user-missing', whole, true],
  ['code-missing', { ...whole, user: { ...user, code: null } }, false],
  ['code-missing', whole, true],
  ['account-missing', { ...whole, user: { ...user, did: null } }, false],
  ['account-missing', whole, true],
  ['identity-only', nothing, false],
  ['identity-only', whole, true],
  ['record-unowned', whole, false],
  ['record-unowned', nothing, true],
  ['handle-differs', whole, false],
  ['account-unowned', nothing, false],
] as const)('%s may be over: %#', (kind, stored, expected) => {
  expect(mayBeResolved(finding(kind), stored)).toBe(expected)
})

it('an account that was replaced, or a code that was, may be over', () => {
  expect(mayBeResolved(finding('account-gone', { did: 'did:plc:a' }), whole)).toBe(false)
  expect(mayBeResolved(finding('account-gone', { did: 'did:plc:b' }), whole)).toBe(true)
  expect(mayBeResolved(finding('code-malformed', { code: 'ac26paxed' }), whole)).toBe(false)
})
