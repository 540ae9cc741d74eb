import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { totalsText } from '../../../src/cli/format/totals.ts'
import { timeBucket } from '../../../src/domain/time-buckets.ts'
import { sumTotals, timeWithin } from '../../../src/domain/totals.ts'
import type { Total } from '../../../src/state/ports/totals.ts'

const [monday, tuesday] = ['2026-11-30T00:00:00.000Z', '2026-12-01T00:00:00.000Z']
const total = (at: string, name: Total['name'], key: string, count: number): Total => ({
  at,
  name,
  key,
  count,
})
const totals = [
  total(monday, 'begun', 'all', 4),
  total(monday, 'gaps', 'user-missing', 7),
  total(monday, 'signups', 'completed', 2),
  total(monday, 'times', '5', 2),
  total(tuesday, 'blocked', 'pds-unreachable', 3),
  total(tuesday, 'gaps', 'code-missing', 0),
  total(tuesday, 'gaps', 'user-missing', 1),
  total(tuesday, 'signups', 'completed', 1),
  total(tuesday, 'signups', 'expired', 1),
  total(tuesday, 'times', '+Inf', 1),
]

describe('the totals of a period', () => {
  it('are sums, but the gaps are those of the last audit', () => {
    expect(sumTotals(totals)).toEqual({
      begun: 4,
      ended: { completed: 3, expired: 1 },
      blocked: { 'pds-unreachable': 3 },
      times: { '5': 2, '+Inf': 1 },
      gaps: { 'user-missing': 1 },
    })
    expect(sumTotals([])).toEqual({ begun: 0, ended: {}, blocked: {}, times: {}, gaps: {} })
  })

  it('have each time in the first bucket whose bound it does not exceed', () => {
    expect([0, 5, 5.1, 604_800, 604_801].map(timeBucket)).toEqual(['5', '5', '15', '604800', '+Inf'])
    expect(timeWithin({ '5': 2, '+Inf': 1 }, 0.5)).toBe(5)
    expect(timeWithin({ '5': 2, '+Inf': 1 }, 0.95)).toBeNull()
    expect(timeWithin({}, 0.5)).toBeNull()
  })

  it('are shown as a row for each day, with what blocked signups, how long they took, and the gaps', () => {
    const text = stripVTControlCharacters(
      totalsText({ by: 'day', from: monday, totals, sums: sumTotals(totals) }),
    )
    const lines = text.split('\n').map((line) => line.replaceAll(/\s+/g, ' '))
    expect(lines).toContain('DAY (UTC) BEGUN COMPLETED EXPIRED REFUSED DELETED BLOCKED')
    expect(lines).toContain('2026-11-30 4 2 0 0 0 0')
    expect(lines).toContain('2026-12-01 0 1 1 0 0 3')
    expect(lines).toContain('Time from signing up to complete: half within 5 s, 95 % over 7 d.')
    expect(lines).toContain('pds-unreachable 3')
    expect(lines).toContain('user-missing 1')
    expect(totalsText({ by: 'day', from: monday, totals: [], sums: sumTotals([]) })).toContain(
      'Nothing was counted',
    )
  })
})
