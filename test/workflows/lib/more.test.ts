import { afterEach, expect, it } from 'vitest'
import type { AuditResult } from '../../../src/contracts/audit.ts'
import type { BackfillResult } from '../../../src/contracts/backfill.ts'
import type { SignupStatus } from '../../../src/contracts/signup.ts'
import { catchUpDetails } from '../../../src/workflows/lib/catch-up-details.ts'
import { moreDetails } from '../../../src/workflows/lib/more.ts'
import { auditDetails, backfillDetails } from '../../../src/workflows/lib/run-details.ts'
import { signupDetails } from '../../../src/workflows/lib/signup-details.ts'
import { BLOCKED_CATCH_UP } from '../../support/catch-up-progress.ts'

const PROBLEM = {
  name: 'pds-unreachable',
  sentence: 'The PDS does not answer.',
  fix: 'Bring the PDS back.',
  since: '2026-11-29T06:55:54.000Z',
  attempts: 1,
  nextTryAt: null,
} as const
const SIGNUP: SignupStatus = {
  workflowId: 'signup',
  system: 'atproto',
  tenant: 'aesthetic',
  identity: 'auth0|1',
  stage: 'creating-account',
  stageSince: '2026-11-29T06:55:54.000Z',
  code: 'ac26fobev',
  handle: null,
  did: null,
  problem: PROBLEM,
  notices: [],
}
afterEach(() => {
  globalThis.holdfastDocsUrl = undefined
})

it('details name the file in the checkout, each once', () => {
  expect(moreDetails(['log-gap', 'no-worker', 'log-gap'])).toEqual([
    'More: `docs/problems.md#log-gap`, `docs/problems.md#no-worker`',
  ])
  expect(moreDetails([])).toEqual([])
})

it('details of every kind link to the page of each problem and gap, at the configured address', () => {
  globalThis.holdfastDocsUrl = 'https://docs.example.com'
  const link = (name: string): string => `<https://docs.example.com/problems.md#${name}>`
  expect(signupDetails(SIGNUP)).toContain(`\n\nMore: ${link('pds-unreachable')}\n\n`)
  expect(catchUpDetails(BLOCKED_CATCH_UP)).toContain(`More: ${link('log-gap')}\n\n`)
  expect(catchUpDetails(BLOCKED_CATCH_UP)).toContain(`More: ${link('auth0-unreachable')}`)
  const audit = {
    counts: {},
    gaps: { 'user-missing': 2 },
    ignored: 0,
    young: 0,
    inProgress: 0,
    pass: false,
    notices: [],
  } as unknown as AuditResult
  expect(auditDetails(audit)).toContain(`More: ${link('user-missing')}`)
  const failures = [
    { identity: 'auth0|1', problem: 'pds-refused', sentence: '', fix: 'Fix it.' },
    { identity: 'auth0|2', problem: 'expired', sentence: '', fix: 'None.' },
  ]
  const backfill = { message: 'Done.', planId: 'p', digest: 'd', failures } as unknown as BackfillResult
  expect(backfillDetails(backfill)).toMatch(new RegExp(`More: ${link('pds-refused')}$`))
})
