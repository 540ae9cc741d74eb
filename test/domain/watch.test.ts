import { describe, expect, it } from 'vitest'
import type { BlockedByProblem, DependencyStatus } from '../../src/contracts/watch.ts'
import {
  alertsOf,
  alertsOfInspections,
  isHealthy,
  retryableProblems,
  closableAlerts,
} from '../../src/domain/watch.ts'

const now = new Date('2026-01-02T04:00:00.000Z')
const minutesAgo = (minutes: number): string => new Date(now.getTime() - minutes * 60_000).toISOString()
const probe = (
  dependency: DependencyStatus['dependency'],
  problem: DependencyStatus['problem'] = null,
): DependencyStatus => ({
  dependency,
  tenant: dependency === 'auth0' ? 'aesthetic' : null,
  problem,
  detail: {},
})
const held = (problem: BlockedByProblem['problem'], minutes: number, count = 1): BlockedByProblem => ({
  problem,
  count,
  ignored: 0,
  since: minutesAgo(minutes),
})
const alerts = (probes: DependencyStatus[], heldUp: BlockedByProblem[]) =>
  alertsOf({ dependencies: probes, blocked: heldUp, others: [], blockedMinutes: 5, now })

describe('what somebody has to know', () => {
  it('T6: says a problem of signups once the first of them has failed for long enough, and since when', () => {
    expect(alerts([], [held('email-taken', 4)])).toEqual([])
    expect(alerts([], [held('email-taken', 6, 3)])).toEqual([
      { name: 'email-taken', count: 3, since: minutesAgo(6) },
    ])
  })

  it('says a dependency that is away and those who wait for it once, at once', () => {
    expect(alerts([probe('pds', 'pds-unreachable')], [held('pds-unreachable', 1, 7)])).toMatchObject([
      { name: 'pds-unreachable', count: 7, since: minutesAgo(1) },
    ])
  })

  it('E12: says nothing of a rate limit, and then closes nothing of what it could not ask', () => {
    const limited = [probe('auth0', 'auth0-rate-limited')]
    expect(alerts(limited, [])).toEqual([])
    expect(closableAlerts({ dependencies: limited, blocked: [], notInspected: [] })).not.toContain(
      'auth0-unreachable',
    )
    expect(closableAlerts({ dependencies: [probe('auth0')], blocked: [], notInspected: [] })).toContain(
      'auth0-unreachable',
    )
  })

  it('leaves nobody who is ignored in an alert', () => {
    expect(alerts([], [{ ...held('email-taken', 60), count: 0, ignored: 2 }])).toEqual([])
  })

  it('never closes what others opened', () => {
    const scope = closableAlerts({ dependencies: [], blocked: [], notInspected: ['signups-missing'] })
    for (const name of ['gaps-found', 'temporal-unreachable', 'signups-missing'])
      expect(scope).not.toContain(name)
  })
})

describe('T10: the inspections could not be listed', () => {
  it('closes no alert of an inspection, and still closes those of dependencies', () => {
    const known = { dependencies: [probe('pds')], blocked: [], notInspected: alertsOfInspections(null) }
    const scope = closableAlerts(known)
    for (const name of ['no-worker', 'signups-missing', 'signups-stalled', 'catch-up-behind', 'log-gap'])
      expect(scope).not.toContain(name)
    expect(scope).toContain('pds-unreachable')
    expect(closableAlerts({ ...known, notInspected: alertsOfInspections([]) })).toContain('signups-missing')
  })
})

describe('who is told to try again', () => {
  it('those whose dependency is well, not those whose trouble is their own', () => {
    const all = [held('pds-unreachable', 9), held('mongo-unreachable', 9), held('email-taken', 9)]
    expect(retryableProblems([probe('pds'), probe('mongo')], all)).toEqual([
      'pds-unreachable',
      'mongo-unreachable',
    ])
    expect(retryableProblems([probe('pds', 'pds-failing'), probe('mongo')], all)).toEqual([
      'mongo-unreachable',
    ])
  })

  it('for Auth0 only when every tenant is well', () => {
    expect(isHealthy([probe('auth0'), probe('auth0', 'auth0-denied')], 'auth0')).toBe(false)
    expect(isHealthy([], 'auth0')).toBe(false)
  })
})
