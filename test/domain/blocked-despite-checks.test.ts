import { describe, expect, it } from 'vitest'
import type { BlockedByProblem } from '../../src/contracts/watch.ts'
import type { WorkerRow } from '../../src/contracts/workers.ts'
import { blockedDespiteChecks } from '../../src/domain/blocked-despite-checks.ts'

const now = new Date('2026-11-29T10:00:00Z')
const blocked = (problem: BlockedByProblem['problem'], since = '2026-11-29T09:00:00Z'): BlockedByProblem => ({
  problem,
  count: 2,
  ignored: 0,
  since,
})
const check = (name: string, ok: boolean) => ({ name, ok, ms: 1, skipped: null, facts: [] })
const worker = (identity: string, differs: string[]): WorkerRow => ({
  identity,
  host: 'host',
  pid: 1,
  state: 'polling',
  queues: ['holdfast-pds'],
  build: '1',
  startedAt: '2026-11-29T08:00:00Z',
  lastSeen: '2026-11-29T10:00:00Z',
  differs,
})

describe('signups blocked by what the checks find well', () => {
  it('name the worker whose setting differs, and only for that setting', () => {
    const workers = [worker('1@a', []), worker('2@b', ['PDS_ADMIN_PASSWORD', 'MONGODB_URI'])]
    const [finding, ...more] = blockedDespiteChecks(
      'atproto',
      [blocked('pds-admin-refused')],
      [check('pds-admin', true)],
      workers,
      now,
    )
    expect(more).toEqual([])
    expect(finding).toMatchObject({ name: 'blocked-despite-check' })
    expect(finding?.sentence).toContain(
      '2 signups have been blocked by pds-admin-refused since 2026-11-29T09:00:00Z',
    )
    expect(finding?.sentence).toContain('A different value is set in the worker 2@b (PDS_ADMIN_PASSWORD).')
    expect(finding?.fix).toContain('holdfast retry atproto --problem pds-admin-refused')
  })

  it('say so where no worker is known to differ', () => {
    const [finding] = blockedDespiteChecks(
      'atproto',
      [blocked('pds-unreachable')],
      [check('pds', true)],
      [],
      now,
    )
    expect(finding?.sentence).toContain('No worker reports different settings')
  })

  it.each([
    ['the check fails as well', blocked('pds-admin-refused'), [check('pds-admin', false)]],
    ['the check could not be made', blocked('pds-admin-refused'), []],
    ['no check tries it', blocked('email-taken'), [check('pds-admin', true)]],
    ['it has just begun', blocked('pds-unreachable', '2026-11-29T09:59:30Z'), [check('pds', true)]],
  ])('are no finding where %s', (_, held, checks) => {
    expect(blockedDespiteChecks('atproto', [held], checks, [], now)).toEqual([])
  })
})
