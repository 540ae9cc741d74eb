import { describe, expect, it } from 'vitest'
import { createTokenRefusals } from '../../../src/http/token-refusals.ts'

const MINUTE = 60_000

describe('refused tokens', () => {
  it('are counted by tenant, and raise an alert past a number, which ends when they do', () => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    const refusals = createTokenRefusals(['aesthetic', 'sotce'], () => now)
    for (let n = 0; n < 20; n += 1) refusals.record('aesthetic')
    expect(refusals.findings()).toEqual([])
    refusals.record('aesthetic')
    refusals.record('sotce')
    refusals.record('nobody')
    expect(refusals.findings()).toEqual([
      {
        name: 'tokens-refused',
        about: 'aesthetic',
        count: 0,
        since: '2026-01-01T00:00:00.000Z',
        detail: { refused: '21' },
      },
    ])
    now += 9 * MINUTE
    refusals.record('aesthetic')
    expect(refusals.findings()[0]?.detail).toEqual({ refused: '22' })
    now += 11 * MINUTE
    expect(refusals.findings()).toEqual([])
  })

  it('that are few in any ten minutes raise none, however long it goes on', () => {
    let now = 0
    const refusals = createTokenRefusals(['aesthetic'], () => now)
    for (let n = 0; n < 200; n += 1) {
      refusals.record('aesthetic')
      now += MINUTE
    }
    expect(refusals.findings()).toEqual([])
  })
})
