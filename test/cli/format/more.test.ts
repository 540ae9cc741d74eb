import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { auditText } from '../../../src/cli/format/audit.ts'
import { backfillText, planText } from '../../../src/cli/format/backfill.ts'
import { checkText } from '../../../src/cli/format/check.ts'
import { progressResult, cursorsResult } from '../../../src/cli/format/catch-up.ts'
import { moreLine } from '../../../src/cli/format/more.ts'
import type { BackfillResult } from '../../../src/contracts/backfill.ts'
import type { CheckReport } from '../../../src/contracts/checks.ts'
import { BLOCKED_CATCH_UP } from '../../support/catch-up-progress.ts'

const plain = stripVTControlCharacters

const AUDIT = {
  auditId: 'audit',
  system: 'atproto',
  scope: { tenant: null, last: null, since: null, id: null },
  counts: {},
  records: {},
  ignored: 0,
  young: 0,
  inProgress: 0,
  notices: [],
  pass: false,
} as unknown as Parameters<typeof auditText>[0]

it('pages of several names are on one line, each once', () => {
  expect(moreLine(['log-gap', 'no-worker', 'log-gap']).map(plain)).toEqual([
    'More: docs/problems.md#log-gap, docs/problems.md#no-worker',
  ])
  expect(moreLine([])).toEqual([])
})

it('check links each finding and notice', () => {
  const finding = { name: 'no-worker', sentence: 'No worker polls.', fix: 'Start one.' } as const
  const report: CheckReport = {
    ok: false,
    checks: [{ name: 'workers', ok: false, ms: 1, skipped: null, facts: [] }],
    findings: [finding],
    notices: [{ ...finding, name: 'events-noted' }],
  }
  expect(plain(checkText(report))).toContain('What to do: Start one.\nMore: docs/problems.md#no-worker\n\n')
  expect(plain(checkText(report))).toContain('More: docs/problems.md#events-noted\n\n')
})

it('a plan and an audit link each kind of gap once, beneath the table', () => {
  const gap = {
    system: 'atproto',
    tenant: 'aesthetic',
    kind: 'user-missing',
    since: null,
    evidence: {},
    repair: 'signup',
  } as const
  const gaps = [
    { ...gap, identity: 'auth0|1' },
    { ...gap, identity: 'auth0|2' },
  ]
  const result = { planId: 'plan', digest: 'digest', skipped: 0 } as BackfillResult
  const page = 'docs/problems.md#user-missing'
  expect(plain(planText('atproto', result, gaps))).toMatch(new RegExp(`\n\nMore: ${page}$`))
  const audit = { ...AUDIT, gaps: { 'user-missing': 2 }, findings: gaps }
  const text = plain(auditText(audit, [], false))
  expect(text).toMatch(new RegExp(`\n\nMore: ${page}$`))
  expect(text.split(page)).toHaveLength(2)
})

it('a backfill links each problem once, beneath the table', () => {
  const failure = { identity: 'auth0|1', problem: 'pds-refused', sentence: 'It failed.', fix: 'Fix it.' }
  const result = {
    planChanges: [],
    failures: [failure, { ...failure, identity: 'auth0|2' }, { ...failure, problem: 'expired' }],
    message: 'Done.',
    refused: null,
    totalMissing: 0,
  } as unknown as BackfillResult
  expect(plain(backfillText('atproto', result, []))).toMatch(/\n\nMore: docs\/problems\.md#pds-refused$/)
})

it('catch-up links its problem, its gap and quarantined events', () => {
  const text = plain(progressResult([{ ended: false, progress: BLOCKED_CATCH_UP }]).text)
  expect(text).toContain('What to do: Wait.\nMore: docs/problems.md#auth0-unreachable')
  expect(text).toContain('--close-gap\nMore: docs/problems.md#log-gap')
  const status = cursorsResult('atproto', [], { count: 2, since: null, reasons: { 'not-json': 2 } }, [], {})
  expect(plain(status.text)).toMatch(/\nMore: docs\/problems\.md#events-quarantined$/)
})
