import { describe, expect, it } from 'vitest'
import { recordsLost, type RecordsLostDeps } from '../../../src/activities/audit/records-lost.ts'

const at = (day: number): string => new Date(Date.UTC(2026, 2, day, 12)).toISOString()
const counts = (users: number) => ({ verifications: 300, users, handles: 300, accounts: 300 })

/** The daily audits with their counts of `users`: the loss is between day 1 and day 2. */
function judged(day: number, openSince: string | null, now = 200) {
  const audits = [1, 2, 3, 4].map((one) => ({ at: at(one), counts: counts(one === 1 ? 300 : 200) }))
  const deps = {
    findings: {
      loadResult: () => Promise.resolve({ counts: counts(now) }),
      countsBetween: (since: string, until: string) =>
        Promise.resolve(audits.filter((audit) => audit.at > since && audit.at < until)),
    },
    tombstones: { countSince: () => Promise.resolve(0) },
  }
  const later = new Date(Date.parse(at(day)) - 60_000).toISOString()
  return recordsLost(
    deps as unknown as RecordsLostDeps,
    { auditId: 'a', at: later, system: 'atproto' },
    openSince,
  )
}

describe('M11: many records are lost', () => {
  it('is found by comparison with the audits of the last day', async () => {
    expect(await judged(2, null)).toMatchObject([{ name: 'records-lost', count: 100, since: at(1) }])
  })

  it('stays found for as long as they are lost, days later too', async () => {
    expect(await judged(5, at(1))).toMatchObject([{ count: 100, since: at(1) }])
  })

  it('is over when they are back', async () => {
    expect(await judged(5, at(1), 299)).toEqual([])
  })
})
