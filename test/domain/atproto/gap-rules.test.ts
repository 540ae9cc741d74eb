import { describe, expect, it } from 'vitest'
import { gapNames, type Finding, type Gap } from '../../../src/contracts/gaps.ts'
import { backfillLimit } from '../../../src/domain/safety-limit.ts'
import { parsePastDate } from '../../../src/domain/typed-time.ts'
import { gapText } from '../../../src/domain/gaps.ts'
import {
  recordsToRemember,
  dueRecords,
  gapsOf,
  eligibilityOf,
  unownedAccount,
  type PersonFacts,
} from '../../../src/domain/atproto/gap-rules.ts'
import { parseAuditInput, parseBackfillInput } from '../../../src/domain/run-input.ts'

const DAY = 24 * 3_600_000
const now = new Date('2026-03-04T12:00:00.000Z')
const rules = { now, graceMs: 5 * 60_000, waitMs: 60 * DAY, handleDomain: '.at.example.com' }
const ago = (ms: number): Date => new Date(now.getTime() - ms)

const provider = { createdAt: ago(2 * DAY), verified: true, address: 'hash', alias: null }
const user = { code: 'ac26fobev', when: ago(2 * DAY), did: 'did:plc:a', handle: 'csx.at.example.com' }
const account = { state: 'active', handle: 'csx.at.example.com', address: 'hash' }
const WHOLE: PersonFacts = {
  identity: 'auth0|1',
  tenant: 'aesthetic',
  provider,
  verifications: 1,
  user,
  chosenHandle: 'CSX',
  account,
  remembered: null,
  rememberedAccount: null,
  inProgress: false,
  deletedAt: null,
  codeShared: false,
  mayInheritHandle: false,
}

const kinds = (change: Partial<PersonFacts>): Gap[] =>
  gapsOf({ ...WHOLE, ...change }, rules).map(({ kind }) => kind)

describe('a person who is whole', () => {
  it('has no gap', () => {
    expect(kinds({})).toEqual([])
    expect(dueRecords(WHOLE, rules)).toEqual({
      verifications: true,
      users: true,
      codes: true,
      accounts: true,
      handles: true,
    })
  })

  it("P11: also under the code with a suffix, where a stranger's account has the code", () => {
    const handle = 'ac26fobev-2.at.example.com'
    const theirs = { user: { ...user, handle }, account: { ...account, handle } }
    expect(kinds(theirs)).toEqual([])
    expect(kinds({ ...theirs, account: { ...account, handle: 'ac26fobev-x.at.example.com' } })).toEqual([
      'handle-differs',
    ])
  })

  it('also without an account, while the e-mail is not verified', () => {
    const waiting = {
      provider: { ...provider, verified: false },
      user: { ...user, did: null },
      account: null,
    }
    expect(kinds(waiting)).toEqual([])
    expect(dueRecords({ ...WHOLE, ...waiting }, rules).accounts).toBeNull()
  })

  it('also under the code, where the PDS did not take the chosen handle', () => {
    const handle = 'ac26fobev.at.example.com'
    expect(kinds({ user: { ...user, handle }, account: { ...account, handle } })).toEqual([])
  })

  it('also with the address of another tenant, marked as such, and a handle inherited from there', () => {
    const theirs = { chosenHandle: null, mayInheritHandle: true, account: { ...account, address: 'alias' } }
    expect(kinds({ ...theirs, provider: { ...provider, alias: 'alias' } })).toEqual([])
  })
})

describe('nobody is called anything', () => {
  it('who signed up a moment ago', () => {
    const young = {
      ...WHOLE,
      provider: { ...provider, createdAt: ago(60_000) },
      user: null,
      verifications: null,
    }
    expect(eligibilityOf(young, rules)).toBe('young')
    expect(gapsOf(young, rules)).toEqual([])
  })

  it('whose signup is on its way', () => {
    expect(kinds({ inProgress: true, user: null })).toEqual([])
  })
})

const DAMAGE: Partial<Record<Gap, Partial<PersonFacts>[]>> = {
  'verification-missing': [{ verifications: null }],
  'code-missing': [
    { user: { ...user, code: undefined } },
    { user: { ...user, code: null } },
    { user: { ...user, code: '' } },
    { user: { ...user, when: null } },
  ],
  'code-malformed': [{ user: { ...user, code: 'AC26FOBEV', handle: account.handle } }],
  'code-duplicate': [{ codeShared: true }],
  'account-missing': [{ user: { ...user, did: null }, account: null }],
  'account-gone': [
    { account: null },
    ...['deactivated', 'takendown', 'not resolvable'].map((state) => ({ account: { ...account, state } })),
  ],
  'handle-differs': [
    { chosenHandle: 'other' },
    { user: { ...user, handle: 'old.at.example.com' } },
    { chosenHandle: null },
  ],
  'email-differs': [{ account: { ...account, address: 'another' } }],
  'record-unowned': [{ provider: null }],
  'identity-only': [{ verifications: null, user: null, account: null }],
  'unverified-too-long': [
    {
      provider: { ...provider, verified: false, createdAt: ago(61 * DAY) },
      user: { ...user, did: null },
      account: null,
    },
  ],
}

describe('a gap', () => {
  it.each(Object.entries(DAMAGE).flatMap(([kind, cases]) => cases.map((change) => [kind, change] as const)))(
    '%s is what %j is',
    (kind, change) => {
      expect(kinds(change)).toEqual([kind])
    },
  )

  it('M5: of a code is mended in the database; what would take a decision is left to a person', () => {
    const repairOf = (change: Partial<PersonFacts>) => gapsOf({ ...WHOLE, ...change }, rules)[0]?.repair
    expect(repairOf({ user: { ...user, code: null } })).toBe('database')
    expect(repairOf({ user: { ...user, did: null }, account: null })).toBe('signup')
    expect(repairOf({ account: null })).toBeNull()
    expect(repairOf({ provider: null })).toBeNull()
  })

  it('P10: an account nobody owns is one, unless it was made a moment ago', () => {
    const old = { did: 'did:plc:x', createdAt: ago(DAY), state: 'active' }
    expect(unownedAccount(old, rules)).toMatchObject({ kind: 'account-unowned', repair: null })
    expect(unownedAccount({ ...old, createdAt: ago(1_000) }, rules)).toBeNull()
  })

  it('T6: is as old as the signup, not as the audit', () => {
    expect(gapsOf({ ...WHOLE, verifications: null }, rules)[0]?.since).toBe(provider.createdAt.toISOString())
  })

  it.each(gapNames('atproto'))('%s has a sentence and a fix', (kind) => {
    const finding: Finding = {
      system: 'atproto',
      identity: 'auth0|1',
      tenant: '-',
      kind,
      since: null,
      evidence: {},
      repair: null,
    }
    const { sentence, fix } = gapText(finding)
    expect(sentence).toMatch(/^[A-Z].*\.$/)
    expect(fix.length).toBeGreaterThan(10)
  })
})

describe('T5: the brake', () => {
  it.each([
    [10, 100],
    [4_000, 200],
    [1_000_000, 500],
  ])('lets a backfill change, of %i people, at most %i', (population, limit) => {
    expect(backfillLimit(population)).toBe(limit)
  })

  it('gives way to what was asked', () => {
    expect(backfillLimit(10, 7)).toBe(7)
  })
})

describe('what a run is started with', () => {
  it('may be nothing: everybody, changing nothing, on the system of the queue', () => {
    expect(parseBackfillInput(undefined, 'atproto', now)).toEqual({
      ok: true,
      value: {
        system: 'atproto',
        scope: { tenant: null, last: null, since: null, id: null },
        fix: false,
        remove: false,
        plan: null,
        maxChanges: null,
      },
    })
  })

  it('says everything that is wrong with it at once', () => {
    expect(parseBackfillInput({ remove: 'yes' }, 'atproto', now)).toEqual({
      ok: false,
      complaints: ['remove must be true or false'],
    })
    const read = parseBackfillInput({ last: 0, plan: 'x', fixx: true }, null, now)
    expect(read).toMatchObject({ ok: false })
    if (!read.ok) expect(read.complaints).toHaveLength(5)
  })

  it.each([
    ['10m', ago(600_000)],
    ['3d', ago(3 * DAY)],
    ['2026-03-01T00:00:00Z', new Date('2026-03-01T00:00:00Z')],
    ['yesterday', null],
  ])('since %s', (text, moment) => {
    expect(parsePastDate(text, now)).toEqual(moment)
    expect(parseAuditInput({ since: text }, 'atproto', now).ok).toBe(moment !== null)
  })
})

describe('M10, P13: what Holdfast remembers', () => {
  const remembered = {
    code: 'ac26fobev',
    when: ago(2 * DAY),
    account: { did: 'did:plc:a', handle: 'csx.at.example.com', proof: 'created' as const },
  }
  const found = (change: Partial<PersonFacts>) => gapsOf({ ...WHOLE, remembered, ...change }, rules)

  it('makes a lost user record one to rebuild, with the proof and the account that nobody names', () => {
    expect(found({ user: null, account: null, rememberedAccount: account })).toMatchObject([
      { kind: 'user-missing', repair: 'rebuild', evidence: { code: 'ac26fobev' } },
      { kind: 'account-missing', repair: 'rebuild', evidence: { account: 'did:plc:a', proof: 'created' } },
    ])
  })

  it('makes a lost account one to rebuild before a changed address is verified, if more than Temporal names it', () => {
    const lost = {
      provider: { ...provider, verified: false },
      user: { ...user, did: null },
      account: null,
      rememberedAccount: account,
    }
    expect(found(lost)).toMatchObject([{ kind: 'account-missing', repair: 'rebuild' }])
    expect(found({ ...lost, rememberedAccount: null })).toEqual([])
    const byTemporal = { ...remembered, account: { ...remembered.account, proof: 'last-signup' as const } }
    expect(found({ ...lost, remembered: byTemporal })).toEqual([])
  })

  it('makes no account of one that the PDS does not host any longer', () => {
    const [gap] = found({ user: { ...user, did: null }, account: null, rememberedAccount: null })
    expect(gap).toMatchObject({ kind: 'account-missing', repair: 'signup' })
    expect(gap?.evidence).not.toHaveProperty('account')
  })

  it('is renewed by an audit only where everything agrees', () => {
    expect(recordsToRemember(WHOLE, rules)).toEqual({
      code: user.code,
      when: user.when,
      account: { did: 'did:plc:a', handle: 'csx.at.example.com', proof: 'agreed' },
    })
    expect(recordsToRemember({ ...WHOLE, remembered }, rules)).toBeNull()
    expect(recordsToRemember({ ...WHOLE, account: { ...account, address: 'another' } }, rules)).toBeNull()
    expect(recordsToRemember({ ...WHOLE, account: { ...account, state: 'takendown' } }, rules)).toBeNull()
  })

  it('P10: an account without an owner is never to be removed first, and says whose it was', () => {
    const unowned = { did: 'did:plc:x', createdAt: ago(DAY), state: 'active' }
    const known = unownedAccount(unowned, rules, 'auth0|1')
    const strange = unownedAccount(unowned, rules)
    expect(known && gapText(known).sentence).toContain("In Holdfast's own records it belongs to auth0|1")
    expect(strange && gapText(strange).fix).toMatch(/^Find its owner.*also removes its posts/)
  })
})
