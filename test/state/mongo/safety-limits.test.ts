import { beforeAll, describe, expect, it } from 'vitest'
import { createSafetyLimits } from '../../../src/state/mongo/safety-limits.ts'
import { openWorld, type World } from '../../support/world.ts'
import { estimateUsers } from '../../../src/adapters/mongo/application-records.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})

const person = (n: number): string => `hash-${n}`

/** That many workers, each with its own store, request `count` people in parallel. */
async function admitted(workers: number, count: number, limit: number | null): Promise<number> {
  const perWorker = Array.from({ length: workers }, async (_, worker) => {
    const brakes = createSafetyLimits(world.db, 'atproto', { deletions: limit, repairs: null }, () =>
      estimateUsers(world.db),
    )
    const theirs = Array.from({ length: count }, (_person, n) => n).filter((n) => n % workers === worker)
    return Promise.all(theirs.map((n) => brakes.admit('deletions', person(n))))
  })
  return (await Promise.all(perWorker)).flat().filter((answer) => answer.admitted).length
}

describe('T5: the safety limit of an hour', () => {
  it('admits exactly the limit over several workers that ask at once, and holds everybody else', async () => {
    expect(await admitted(4, 60, 7)).toBe(7)
    const brakes = createSafetyLimits(world.db, 'atproto', { deletions: 7, repairs: null }, () =>
      estimateUsers(world.db),
    )
    const held = await brakes.countHeld('deletions')
    expect(held.count).toBe(53)
    expect(held.since).toMatch(/^\d{4}-/)
  })

  it('answers the same when it is asked again, and counts nobody twice', async () => {
    expect(await admitted(2, 60, 7)).toBe(7)
    expect(await admitted(2, 60, 1_000)).toBe(7)
  })

  it('counts each kind by itself, with at least 10 repairs where the configuration gives no number', async () => {
    const brakes = createSafetyLimits(world.db, 'atproto', { deletions: 7, repairs: null }, () =>
      estimateUsers(world.db),
    )
    const answers = []
    for (let n = 0; n < 25; n += 1) answers.push(await brakes.admit('repairs', person(n)))
    expect(answers.filter((answer) => answer.admitted)).toHaveLength(10)
  })

  it('releases what is held, says that it was held, and begins a new hour', async () => {
    const brakes = createSafetyLimits(world.db, 'atproto', { deletions: 7, repairs: null }, () =>
      estimateUsers(world.db),
    )
    expect(await brakes.release('deletions')).toBe(53)
    expect(await brakes.release('deletions')).toBe(0)
    const again = await Promise.all(
      Array.from({ length: 60 }, (_, n) => brakes.admit('deletions', person(n))),
    )
    expect(again.every((answer) => answer.admitted)).toBe(true)
    expect(again.filter((answer) => answer.admitted && answer.wasHeld)).toHaveLength(53)
    expect(await admitted(1, 70, 7)).toBe(67) // 60 known, 7 of the new hour
  })

  it('forgets what is more than an hour old', async () => {
    await world.db.collection('holdfast_brakes').updateOne({ _id: 'atproto/deletions' as never }, [
      {
        $set: { minutes: { $map: { input: '$minutes', in: { at: new Date(0), count: '$$this.count' } } } },
      },
    ])
    const brakes = createSafetyLimits(world.db, 'atproto', { deletions: 1, repairs: null }, () =>
      estimateUsers(world.db),
    )
    expect(await brakes.admit('deletions', 'somebody')).toMatchObject({ admitted: true })
    expect(await brakes.admit('deletions', 'another')).toMatchObject({ admitted: false, limit: 1 })
  })

  it('holds a week from the last request, so that what no longer asks does not count as held for good', async () => {
    const brakes = createSafetyLimits(world.db, 'atproto', { deletions: 1, repairs: 1 }, () =>
      estimateUsers(world.db),
    )
    const stored = world.db.collection<{ _id: string; expiresAt: Date }>('holdfast_brakes')
    const soon = new Date(Date.now() + 3_600_000)
    const days = async (id: string): Promise<number> => {
      const { expiresAt } = (await stored.findOne({ _id: id })) ?? {}
      await stored.updateOne({ _id: id }, { $set: { expiresAt: soon } })
      return Math.round(((expiresAt?.getTime() ?? 0) - Date.now()) / 86_400_000)
    }
    await brakes.admitAll('repairs', ['x', 'y'], 'user record')
    for (const request of [
      () => brakes.admit('repairs', 'x', 'user record'),
      () => brakes.admitAll('repairs', ['x', 'y'], 'user record'),
      () => brakes.extendHold('repairs', 'x'),
    ]) {
      expect(await days('atproto/repairs/x')).toBe(7)
      await request()
    }
    expect(await days('atproto/repairs/x')).toBe(7)
    await brakes.heldSince('repairs', 'x') // a query is not a request
    expect(await days('atproto/repairs/x')).toBe(0)
  })
})
