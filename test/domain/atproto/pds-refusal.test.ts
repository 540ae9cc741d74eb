import { describe, expect, it } from 'vitest'
import { pdsRefusal, type PdsRefusal } from '../../../src/domain/atproto/pds-refusal.ts'

/** Answers of a real PDS (0.5.35) to `createAccount`; test/peers verifies them against that PDS. */
const ANSWERS: readonly [number, string, string, PdsRefusal][] = [
  [400, 'InvalidHandle', 'Handle too short', 'handle-unfit'],
  [400, 'InvalidHandle', 'Handle too long', 'handle-unfit'],
  [400, 'InvalidHandle', 'Invalid characters in handle', 'handle-unfit'],
  [400, 'InvalidHandle', 'Inappropriate language in handle', 'handle-unfit'],
  [400, 'InvalidRequest', 'Invalid handle (got "-a.example.test") at $.handle', 'handle-unfit'],
  [400, 'HandleNotAvailable', 'Reserved handle', 'handle-unfit'],
  [400, 'InvalidRequest', 'Handle already taken: csx.at.example.test', 'handle-taken'],
  [400, 'InvalidRequest', 'Email already taken: someone@example.com', 'email-taken'],
  [
    400,
    'InvalidRequest',
    'This email address is not supported, please use a different email.',
    'email-unsupported',
  ],
  [400, 'InvalidRequest', 'Email is required', 'email-missing'],
  [400, 'UnsupportedDomain', 'Not a supported handle domain', 'domain-unsupported'],
  [400, 'InvalidHandle', 'Handle TLD is invalid or disallowed', 'domain-unsupported'],
  [400, 'InvalidInviteCode', 'Provided invite code not available', 'invite-refused'],
  [502, 'UpstreamFailure', 'Unable to perform PLC operation', 'plc-unreachable'],
  [502, 'Bad Gateway', 'upstream connect error', 'failing'],
  [500, 'InternalServerError', 'Internal Server Error', 'failing'],
  [503, 'ServiceUnavailable', '', 'failing'],
  [429, 'RateLimitExceeded', 'Rate Limit Exceeded', 'rate-limited'],
  [401, 'AuthMissing', 'Authentication Required', 'admin-refused'],
  [403, 'Forbidden', '', 'admin-refused'],
  [400, 'InvalidRequest', 'Something new', 'unknown'],
  [418, 'Teapot', '', 'unknown'],
]

describe('P1 P4 P5 P6 P7: what an answer of the PDS means', () => {
  it.each(ANSWERS)('%i %s "%s" is %s', (status, error, message, refusal) => {
    expect(pdsRefusal({ status, error, message })).toBe(refusal)
  })

  it('is not led astray by what a person chose', () => {
    const message = 'Handle already taken: tld.at.example.test'
    expect(pdsRefusal({ status: 400, error: 'InvalidRequest', message })).toBe('handle-taken')
    const taken = 'Email already taken: plc@tld.example.com'
    expect(pdsRefusal({ status: 400, error: 'InvalidRequest', message: taken })).toBe('email-taken')
    const shouting = 'Email already taken: ME@TLD.example.com'
    expect(pdsRefusal({ status: 400, error: 'InvalidRequest', message: shouting })).toBe('email-taken')
  })
})
