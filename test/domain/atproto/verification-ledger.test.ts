import { describe, expect, it } from 'vitest'
import {
  afterObservation,
  type ProviderObservation,
  type VerificationLedger,
} from '../../../src/domain/atproto/verification-ledger.ts'

const minute = (n: number): Date => new Date(Date.UTC(2026, 0, 1, 0, n))

/** The number that a series of sightings adds to a count that stood at `before`. */
function added(sightings: readonly ProviderObservation[], before = 0): number {
  let ledger: VerificationLedger | null = null
  let sum = 0
  for (const sighting of sightings) {
    const counted = afterObservation(ledger, before + sum, sighting)
    if (counted === null) continue
    ledger = counted.ledger
    sum += counted.add
  }
  return sum
}

const seen = (
  address: string,
  verified: boolean,
  at: number,
  changedAt: number | null = null,
): ProviderObservation => ({
  address,
  verified,
  at: minute(at),
  changedAt: changedAt === null ? null : minute(changedAt),
})

describe('what a look at the provider adds to the count', () => {
  it('is one for an address, however often it is seen', () => {
    expect(added([seen('a', false, 0), seen('a', true, 1), seen('a', true, 2), seen('a', true, 3)])).toBe(1)
  })

  it('is one for each address that was verified, and none for one that was only set', () => {
    expect(added([seen('a', true, 1), seen('b', false, 3, 2), seen('b', true, 4, 2)])).toBe(2)
    expect(added([seen('a', true, 1), seen('b', false, 3, 2)])).toBe(1)
  })

  it('is one more after a change to another address and back, seen or not', () => {
    const there = seen('a', true, 1)
    expect(added([there, seen('b', false, 3, 2), seen('a', false, 5, 4), seen('a', true, 6, 4)])).toBe(2)
    expect(added([there, seen('a', false, 5, 4), seen('a', true, 6, 4)])).toBe(2)
    expect(added([there, seen('a', true, 6, 4)])).toBe(2)
  })

  it('is nothing for the event of a change that a look has shown already, in whatever order it comes', () => {
    const changed = [seen('a', true, 1), seen('b', true, 5)]
    expect(added(changed)).toBe(2)
    expect(added([...changed, seen('b', true, 6, 2), seen('b', true, 7, 2)])).toBe(2)
    // Two changes in sequence, both reported late.
    const back = [seen('a', true, 1), seen('a', true, 6)]
    expect(added([...back, seen('a', true, 7, 2), seen('a', true, 8, 3)])).toBe(2)
  })

  it('takes a count without a ledger as that of the address there is, unless that one is not verified', () => {
    expect(added([seen('a', true, 1)], 3)).toBe(0)
    expect(added([seen('b', false, 1), seen('b', true, 2)], 3)).toBe(1)
  })

  it('is nothing for a verification that an administrator took back and gave again', () => {
    expect(added([seen('a', true, 1), seen('a', false, 2), seen('a', true, 3)])).toBe(1)
  })
})
