import { expect, it } from 'vitest'
import { hourlyLimit, lostRecords } from '../../src/domain/safety-limit.ts'

it('T5: an hour takes 5 % of all people, at least 20, or the number that the configuration gives', () => {
  expect(hourlyLimit('deletions', 0, null)).toBe(20)
  expect(hourlyLimit('deletions', 400, null)).toBe(20)
  expect(hourlyLimit('deletions', 1_000_000, null)).toBe(50_000)
  expect(hourlyLimit('deletions', 1_000_000, 3)).toBe(3)
  expect(hourlyLimit('deletions', 1_000_000, 0)).toBe(0)
  expect(hourlyLimit('repairs', 0, null)).toBe(10)
  expect(hourlyLimit('repairs', 300, null)).toBe(15)
})

it('M11: a store that fell by more than the limit is lost, deletions left out', () => {
  const most = { users: 300, verifications: 300, handles: 12 }
  expect(lostRecords(most, { users: 280, verifications: 286, handles: 0 }, 0)).toEqual([
    { store: 'users', before: 300, now: 280 },
    { store: 'handles', before: 12, now: 0 },
  ])
  expect(lostRecords(most, { users: 280, verifications: 280, handles: 12 }, 20)).toEqual([])
})
