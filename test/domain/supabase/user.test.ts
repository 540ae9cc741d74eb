import { describe, expect, it } from 'vitest'
import { SUPABASE_GAPS } from '../../../src/contracts/supabase/gaps.ts'
import { judgeUser } from '../../../src/domain/supabase/gaps.ts'
import {
  compareEmails,
  emailOf,
  kindOf,
  owesProfile,
  type AuthUser,
} from '../../../src/domain/supabase/user.ts'

const now = new Date('2026-06-01T00:00:00Z')
const ID = '3f0c9b1e-5a64-4c1f-9d0e-2b7a6c1d8e90'
const ordinary: AuthUser = {
  id: ID,
  email: 'ada@example.com',
  identityEmail: 'ada@example.com',
  phone: null,
  isAnonymous: false,
  isSso: false,
  deletedAt: null,
  bannedUntil: null,
  createdAt: '2026-05-01T00:00:00.000Z',
}
const anonymous = { ...ordinary, email: null, identityEmail: null, isAnonymous: true }
const softDeleted = { ...ordinary, deletedAt: '2026-05-02T00:00:00.000Z' }
const sso = { ...ordinary, email: null, isSso: true }
const byPhone = { ...ordinary, email: null, identityEmail: null, phone: '15550100' }
const banned = { ...ordinary, bannedUntil: '2126-01-01T00:00:00.000Z' }

const judge = (user: AuthUser | null, profile: { email: string | null } | null, comparesEmails = true) =>
  judgeUser(ID, user, profile, { comparesEmails, now }).map(({ kind, evidence }) => ({ kind, ...evidence }))

describe('who owes a profile (S3)', () => {
  it.each([
    ['an ordinary user', ordinary, 'ordinary', true],
    ['an anonymous user, until converted', anonymous, 'anonymous', false],
    [
      'an anonymous user who was converted',
      { ...anonymous, isAnonymous: false, email: 'a@x.de' },
      'ordinary',
      true,
    ],
    ['a soft-deleted user', softDeleted, 'soft-deleted', false],
    ['a user of single sign-on', sso, 'sso', true],
    ['a user with a phone number alone', byPhone, 'phone-only', true],
    ['a banned user', banned, 'banned', true],
    ['a user whose ban is over', { ...ordinary, bannedUntil: '2026-01-01T00:00:00Z' }, 'ordinary', true],
  ])('%s', (_, user, kind, owes) => {
    expect(kindOf(user, now)).toBe(kind)
    expect(owesProfile(user)).toBe(owes)
    expect(judge(user, null).map(({ kind: gap }) => gap)).toEqual(owes ? ['profile-missing'] : [])
  })
})

describe('the address of a user', () => {
  it('is their own, otherwise that of the identity, in lower case', () => {
    expect(emailOf({ email: 'Ada@Example.com', identityEmail: 'other@x.de' })).toBe('ada@example.com')
    expect(emailOf(sso)).toBe('ada@example.com')
    expect(emailOf({ email: ' ', identityEmail: null })).toBeNull()
    expect(emailOf(byPhone)).toBeNull()
  })

  it.each([
    ['a@x.de', 'A@X.de', 'same'],
    ['a@x.de', 'b@x.de', 'differs'],
    ['a@x.de', '', 'absent'],
    ['a@x.de', null, 'absent'],
    [null, 'a@x.de', 'same'],
    ['', null, 'same'],
  ])('of the user %s and of the profile %s: %s', (user, profile, expected) => {
    expect(compareEmails(user, profile)).toBe(expected)
  })
})

describe('the gaps of a user and a profile', () => {
  it('names a differing address, which no repair overwrites (S4)', () => {
    const [finding] = judgeUser(ID, ordinary, { email: 'other@x.de' }, { comparesEmails: true, now })
    expect(finding).toMatchObject({ kind: 'email-differs', evidence: { profile: 'differs' }, repair: null })
    const sentence = SUPABASE_GAPS['email-differs'].sentence({
      identity: ID,
      repair: null,
      evidence: finding?.evidence ?? {},
    })
    expect(sentence).toContain('The one in auth.users is authoritative')
    expect(judge(ordinary, { email: null })).toEqual([{ kind: 'email-differs', profile: 'absent' }])
  })

  it('compares no address where the profiles have none, nor that of somebody who owes no profile', () => {
    expect(judge(ordinary, { email: null }, false)).toEqual([])
    expect(judge({ ...anonymous, email: 'a@x.de' }, { email: 'b@x.de' })).toEqual([])
  })

  it('says whether the user of a profile is gone or soft-deleted (S5)', () => {
    expect(judge(null, { email: 'a@x.de' })).toEqual([{ kind: 'profile-unowned', user: 'none' }])
    expect(judge(softDeleted, { email: 'a@x.de' })).toEqual([
      { kind: 'profile-unowned', user: 'soft-deleted' },
    ])
  })

  it('invents nothing for an id that neither has (S2)', () => {
    expect(judge(null, null)).toEqual([])
  })

  it('names the kind of a user who is not ordinary, and no address', () => {
    const [finding] = judgeUser(ID, sso, null, { comparesEmails: true, now })
    expect(finding).toMatchObject({
      kind: 'profile-missing',
      since: sso.createdAt,
      evidence: { user: 'sso' },
      repair: 'database',
    })
    expect(JSON.stringify(finding)).not.toContain('@')
  })
})
