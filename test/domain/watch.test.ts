import { describe, expect, it } from 'vitest'
import type { HeldUp, Probe } from '../../src/contracts/watch.ts'
import { alertsOf, isWell, releasable, scopeOf } from '../../src/domain/watch.ts'

const now = new Date('2026-01-02T04:00:00.000Z')
const minutesAgo = (minutes: number): string => new Date(now.getTime() - minutes * 60_000).toISOString()
const probe = (dependency: Probe['dependency'], problem: Probe['problem'] = null): Probe => ({
  dependency,
  tenant: dependency === 'auth0' ? 'aesthetic' : null,
  problem,
  detail: {},
})
const held = (problem: HeldUp['problem'], minutes: number, count = 1): HeldUp => ({
  problem,
  count,
  ignored: 0,
  since: minutesAgo(minutes),
})
const alerts = (probes: Probe[], heldUp: HeldUp[]) =>
  alertsOf({ probes, heldUp, others: [], stuckMinutes: 5, now })

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
    expect(scopeOf(limited, [])).not.toContain('auth0-unreachable')
    expect(scopeOf([probe('auth0')], [])).toContain('auth0-unreachable')
  })

  it('leaves nobody who is ignored in an alert', () => {
    expect(alerts([], [{ ...held('email-taken', 60), count: 0, ignored: 2 }])).toEqual([])
  })

  it('never closes what others opened', () => {
    const scope = scopeOf([], ['signups-missing'])
    for (const name of ['gaps-found', 'temporal-unreachable', 'signups-missing'])
      expect(scope).not.toContain(name)
  })
})

describe('who is told to try again', () => {
  it('those whose dependency is well, not those whose trouble is their own', () => {
    const all = [held('pds-unreachable', 9), held('mongo-unreachable', 9), held('email-taken', 9)]
    expect(releasable([probe('pds'), probe('mongo')], all)).toEqual(['pds-unreachable', 'mongo-unreachable'])
    expect(releasable([probe('pds', 'pds-failing'), probe('mongo')], all)).toEqual(['mongo-unreachable'])
  })

  it('for Auth0 only when every tenant is well', () => {
    expect(isWell([probe('auth0'), probe('auth0', 'auth0-denied')], 'auth0')).toBe(false)
    expect(isWell([], 'auth0')).toBe(false)
  })
})
