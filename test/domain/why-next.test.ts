import { describe, expect, it } from 'vitest'
import type { Problem } from '../../src/contracts/problems.ts'
import type { SignupStatus } from '../../src/contracts/signup.ts'
import { fixFor, nextWithoutAction, problemsOf } from '../../src/domain/why.ts'

const now = Date.parse('2026-01-01T12:00:00.000Z')
const later = '2026-01-01T12:05:00.000Z'
const earlier = '2026-01-01T11:59:00.000Z'

const problem = (change: Partial<Problem>): Problem => ({
  name: 'pds-unreachable',
  sentence: 'The PDS does not answer.',
  fix: 'Bring the PDS back.',
  since: earlier,
  attempts: 2,
  nextTryAt: later,
  ...change,
})
const status = (change: Partial<SignupStatus>): SignupStatus => ({
  system: 'atproto',
  tenant: 'aesthetic',
  identity: 'auth0|1',
  workflowId: 'signup/atproto/aesthetic/auth0|1',
  stage: 'creating-account',
  stageSince: earlier,
  problem: null,
  code: null,
  handle: null,
  did: null,
  notices: [],
  ...change,
})
const next = (given: SignupStatus | null, gaps: Parameters<typeof problemsOf>[1] = []): string =>
  nextWithoutAction({
    system: 'atproto',
    status: given,
    stage: given?.stage ?? 'recording',
    problems: problemsOf(given, gaps),
    missed: gaps.some(({ kind }) => kind === 'identity-only'),
    asked: true,
    now,
  })

describe('what why says happens by itself', () => {
  it('names the next try, and never one that has been', () => {
    expect(next(status({ problem: problem({}) }))).toContain(`retried at ${later}`)
    const tried = next(status({ problem: problem({ nextTryAt: earlier }) }))
    expect(tried).toContain('being retried now')
    expect(tried).not.toContain(earlier)
  })

  it('names a limit that is used up, and when the signup goes on', () => {
    const notice = `The PDS's rate limit is used up. This signup continues at ${later}.`
    expect(next(status({ waitingFor: { name: 'pds-rate-limited', until: later, notice } }))).toBe(notice)
  })

  it('names the catch-up, where no delivery reported the person', () => {
    const gap = {
      system: 'atproto',
      identity: 'auth0|1',
      tenant: 'aesthetic',
      since: null,
      evidence: {},
      repair: 'signup',
    } as const
    expect(next(null, [{ ...gap, kind: 'identity-only' }])).toContain('Catch-up reads')
  })
})

describe('what why says to do', () => {
  const fix = (name: Problem['name'], text: string): string | null => {
    const stuck = status({ problem: problem({ name, fix: text }) })
    return fixFor('atproto', 'auth0|1', {
      status: stuck,
      stage: stuck.stage,
      problems: problemsOf(stuck, []),
      known: true,
      ofSystem: null,
    })
  }

  it('names the retry, where that helps and the fix does not name it yet', () => {
    expect(fix('pds-unreachable', 'Bring the PDS back.')).toContain("holdfast retry atproto 'auth0|1'")
    const already = "Mend it, then: holdfast retry atproto 'auth0|1'"
    expect(fix('mongo-refused', already)).toBe(already)
    expect(fix('no-worker', 'Start a worker.')).toBe('Start a worker.')
  })
})
