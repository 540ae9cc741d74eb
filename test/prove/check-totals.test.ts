import { describe, expect, it } from 'vitest'
import { wrongTotals, type KnownSignups } from '../../prove/check-totals.ts'

const known: KnownSignups = { people: 5, completed: 4, runs: 6, anybodyDeleted: false, mayLoseCounts: false }
const right = { begun: 5, ended: { completed: 4 }, times: { 5: 3, 60: 1 } }

describe('the totals in the proof', () => {
  it('agree with people who completed once, or in a second run too', () => {
    expect(wrongTotals(right, known)).toEqual([])
    expect(wrongTotals({ ...right, begun: 6, ended: { completed: 6 } }, known)).toEqual([])
  })

  it('are wrong where a count was lost, unless a worker died while the database was away', () => {
    const lost = { ...right, ended: { completed: 3 } }
    expect(wrongTotals(lost, known)).toEqual(['the totals have 3 completed signups, 4 people have completed'])
    expect(wrongTotals(lost, { ...known, mayLoseCounts: true })).toEqual([])
  })

  it('are wrong where a signup was counted twice', () => {
    expect(wrongTotals({ ...right, ended: { completed: 8 }, begun: 7 }, known)).toHaveLength(2)
    expect(wrongTotals({ ...right, times: { 5: 6 } }, known)).toHaveLength(1)
    expect(wrongTotals({ ...right, ended: { completed: 8 } }, { ...known, anybodyDeleted: true })).toEqual([])
  })
})
