import { beforeAll, describe, expect, it } from 'vitest'
import type { ProviderObservation } from '../../../src/domain/atproto/verification-ledger.ts'
import type { Verifications } from '../../../src/adapters/mongo/verifications.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

let world: World
let verifications: Verifications
beforeAll(async () => {
  world = await openWorld()
  ;({ verifications } = world.connectDeps())
})

const verified = (address: string): ProviderObservation => ({
  address,
  verified: true,
  at: AT,
  changedAt: null,
})
const AT = new Date('2026-01-02T03:04:05.000Z')

const countOf = async (identity: string): Promise<number | undefined> =>
  (await collections(world.db).verifications.findOne({ _id: identity }))?.count

describe('counting a verification', () => {
  it('counts one address once, however often it is seen', async () => {
    await verifications.record('auth0|once')
    expect(await countOf('auth0|once')).toBe(0)
    for (let time = 0; time < 3; time += 1) await verifications.count('auth0|once', verified('hash-a'))
    expect(await countOf('auth0|once')).toBe(1)
    await verifications.record('auth0|once')
    expect(await countOf('auth0|once')).toBe(1)
  })

  it('counts a second address, and the first again after a change back', async () => {
    await verifications.count('auth0|twice', verified('hash-a'))
    await verifications.count('auth0|twice', verified('hash-b'))
    expect(await countOf('auth0|twice')).toBe(2)
    await verifications.count('auth0|twice', verified('hash-b'))
    expect(await countOf('auth0|twice')).toBe(2)
    await verifications.count('auth0|twice', verified('hash-a'))
    expect(await countOf('auth0|twice')).toBe(3)
  })

  it('adopts a count that is older than its ledger, and counts on from it', async () => {
    await collections(world.db).verifications.insertOne({ _id: 'auth0|old', count: 4 })
    await verifications.count('auth0|old', verified('hash-a'))
    expect(await countOf('auth0|old')).toBe(4)
    await verifications.count('auth0|old', verified('hash-b'))
    expect(await countOf('auth0|old')).toBe(5)
  })

  it('counts once when many see it in the same moment', async () => {
    const many = Array.from({ length: 8 }, () => verifications.count('auth0|many', verified('hash-a')))
    // A call that loses the race for the document is retried by its activity; only the count has to be right.
    await Promise.allSettled(many)
    await verifications.count('auth0|many', verified('hash-a'))
    expect(await countOf('auth0|many')).toBe(1)
  })

  it('never fails for two at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const identity = `auth0|two-${round}`
      await Promise.all([
        verifications.count(identity, verified('hash-a')),
        verifications.count(identity, verified('hash-a')),
      ])
      expect(await countOf(identity)).toBe(1)
    }
  })

  it('keeps no address in clear', async () => {
    await verifications.count('auth0|hidden', verified('hash-a'))
    const ledger = world.db.collection<{ _id: string }>('holdfast_verifications')
    expect(await ledger.findOne({ _id: 'auth0|hidden' })).toEqual({
      _id: 'auth0|hidden',
      address: 'hash-a',
      changes: 0,
      counted: [0],
      countedAt: AT,
      verified: ['hash-a'],
    })
  })
})

describe('who was ever seen with an address verified', () => {
  it('is found by it, also after a change to another that is not verified, or is', async () => {
    const unverified = (address: string): ProviderObservation => ({ ...verified(address), verified: false })
    await verifications.count('auth0|moved', verified('hash-m'))
    await verifications.count('auth0|moved', unverified('hash-n'))
    expect(await verifications.everVerifiedWith('hash-m')).toEqual(['auth0|moved'])
    expect(await verifications.everVerifiedWith('hash-n')).toEqual([])
    await verifications.count('auth0|moved', verified('hash-n'))
    for (const hash of ['hash-m', 'hash-n'])
      expect(await verifications.everVerifiedWith(hash)).toEqual(['auth0|moved'])
  })
})
