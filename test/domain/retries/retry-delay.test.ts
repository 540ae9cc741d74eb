import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryDelay } from '../../../src/domain/retries/retry-delay.ts'

const MINUTE = 60_000
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('the wait before the next round', () => {
  it('grows from ten seconds to fifteen minutes', () => {
    const waits = [1, 2, 3, 4, 7, 8, 9].map((rounds) => retryDelay(rounds, 0) / 1_000)
    expect(waits).toEqual([10, 20, 40, 80, 640, 900, 900])
  })

  it('is never over fifteen minutes nor under eight seconds, however long it has failed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), chance, (rounds, random) => {
        const wait = retryDelay(rounds, random)
        expect(wait).toBeLessThanOrEqual(15 * MINUTE)
        expect(wait).toBeGreaterThanOrEqual(8_000)
        expect(Number.isInteger(wait)).toBe(true)
      }),
    )
  })

  it('differs between signups that failed together', () => {
    const waits = [0, 0.25, 0.5, 0.75, 0.999].map((random) => retryDelay(20, random))
    expect(new Set(waits).size).toBe(waits.length)
  })
})
