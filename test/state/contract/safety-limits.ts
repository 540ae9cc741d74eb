import { describe, expect, it } from 'vitest'
import type { State } from '../../../src/state/ports.ts'
import { DAY_MS, HOUR_MS, useProcesses, type Home } from './home.ts'

type Limits = Parameters<State['safetyLimits']>[0]

export function safetyLimitsContract(home: Home): void {
  describe('the safety limits of an hour', () => {
    const at = useProcesses(home)
    const open = (state: State, limits: Partial<Limits>, people = 0) =>
      state.safetyLimits({ deletions: null, repairs: null, ...limits }, async () => people)
    const names = (count: number, prefix: string): string[] =>
      Array.from({ length: count }, (_, n) => `${prefix}-${n}`)
    /** A database of its own, since the hour's places are those of the whole system. */
    const inOwnDatabase = async (
      work: (one: State, two: State, age: (ms: number) => Promise<void>) => Promise<void>,
    ) => {
      const database = await home.create()
      try {
        await work(await database.open(home.system), await database.open(home.system), database.age)
      } finally {
        await database.drop()
      }
    }

    it('admit exactly as many as the limit, though two processes request all at once', () =>
      inOwnDatabase(async (one, two) => {
        const [ours, theirs] = [open(one, { deletions: 7 }), open(two, { deletions: 7 })]
        const request = (all: readonly string[]) =>
          Promise.all(
            all.map((person, n) => (n % 2 === 0 ? ours : theirs).admit('deletions', person, 'event')),
          )
        const people = names(40, 'p')
        const first = await request(people)
        expect(first.filter((answer) => answer.admitted)).toHaveLength(7)
        expect(first.find((answer) => !answer.admitted)).toMatchObject({ limit: 7 })
        const again = await request(people)
        expect(again.map((answer) => answer.admitted)).toEqual(first.map((answer) => answer.admitted))
        const held = await two.heldActions.countHeld('deletions')
        expect(held).toMatchObject({ count: 33, about: { event: 33 } })
        expect(Math.abs(Date.now() - Date.parse(held.since ?? ''))).toBeLessThan(60_000)
        expect(await open(two, { repairs: 1 }).admit('repairs', 'p-0')).toEqual({
          admitted: true,
          wasHeld: false,
        })
      }))

    it('give two processes that request one person at once the same answer', () =>
      inOwnDatabase(async (one, two) => {
        for (const person of names(20, 'same')) {
          const answers = await Promise.all(
            [one, two, one, two].map((state) => open(state, { deletions: 3 }).admit('deletions', person)),
          )
          expect(new Set(answers.map(({ admitted }) => admitted)).size).toBe(1)
          const later = await open(two, { deletions: 3 }).admit('deletions', person)
          expect(later.admitted).toBe(answers[0]?.admitted)
        }
      }))

    it('grow with the number of people where the configuration gives no number', () =>
      inOwnDatabase(async (one, two) => {
        await open(one, {}, 1_000).admitAll('deletions', names(50, 'a'), 'event')
        expect(await one.heldActions.countHeld('deletions')).toMatchObject({ count: 0 })
        await open(two, {}, 0).admitAll('repairs', names(11, 'b'), 'user record')
        expect(await one.heldActions.countHeld('repairs')).toMatchObject({ count: 11 })
      }))

    it('admit people together or not at all', () =>
      inOwnDatabase(async (one, two) => {
        const limits = open(one, { repairs: 10 })
        await limits.admitAll('repairs', names(6, 'first'), 'user record')
        await open(two, { repairs: 10 }).admitAll('repairs', names(5, 'second'), 'account')
        expect(await two.heldActions.countHeld('repairs')).toMatchObject({ count: 5, about: { account: 5 } })
        await limits.admitAll('repairs', [...names(6, 'first'), ...names(4, 'third')], 'user record')
        expect(await two.heldActions.countHeld('repairs')).toMatchObject({ count: 5 })
        expect(await limits.admit('repairs', 'one-more')).toMatchObject({ admitted: false, limit: 10 })
        await limits.admitAll('repairs', [], 'nothing')
      }))

    it('two groups that are requested at once do not both fit into the last places', () =>
      inOwnDatabase(async (one, two) => {
        for (let round = 0; round < 5; round += 1) {
          await one.heldActions.release('repairs')
          await Promise.all([
            open(one, { repairs: 10 }).admitAll('repairs', names(6, `x${round}`), 'a'),
            open(two, { repairs: 10 }).admitAll('repairs', names(6, `y${round}`), 'b'),
          ])
          expect(await one.heldActions.countHeld('repairs')).toMatchObject({ count: 6 })
        }
      }))

    it('release what is held, say that it was held, and begin a new hour', () =>
      inOwnDatabase(async (one, two) => {
        const limits = open(one, { deletions: 2 })
        for (const person of names(5, 'p')) await limits.admit('deletions', person)
        expect(await two.heldActions.release('repairs')).toBe(0)
        expect(await two.heldActions.release('deletions')).toBe(3)
        expect(await one.heldActions.release('deletions')).toBe(0)
        expect(await one.heldActions.countHeld('deletions')).toEqual({ count: 0, since: null, about: {} })
        const again = await Promise.all(names(5, 'p').map((person) => limits.admit('deletions', person)))
        expect(again.filter((answer) => answer.admitted && answer.wasHeld)).toHaveLength(3)
        expect(again.filter((answer) => answer.admitted)).toHaveLength(5)
        const others = []
        for (const person of names(3, 'new')) others.push(await limits.admit('deletions', person))
        expect(others.map(({ admitted }) => admitted)).toEqual([true, true, false])
      }))

    it('count the last hour only', () =>
      inOwnDatabase(async (one, two, age) => {
        const limits = open(one, { deletions: 1 })
        expect(await limits.admit('deletions', 'a')).toMatchObject({ admitted: true })
        await age(0.9 * HOUR_MS)
        expect(await limits.admit('deletions', 'b')).toMatchObject({ admitted: false })
        await age(0.2 * HOUR_MS)
        expect(await open(two, { deletions: 1 }).admit('deletions', 'c')).toMatchObject({ admitted: true })
        expect(await limits.admit('deletions', 'd')).toMatchObject({ admitted: false })
      }))

    it('hold a person for a week after the last request', () =>
      inOwnDatabase(async (one, two, age) => {
        const limits = open(one, { repairs: 1 })
        await limits.admitAll('repairs', ['x', 'y'], 'user record')
        for (const request of [
          () => limits.admit('repairs', 'x', 'user record'),
          () => limits.admitAll('repairs', ['x', 'y'], 'user record'),
          () => two.heldActions.extendHold('repairs', 'x'),
        ]) {
          await age(6 * DAY_MS)
          await request()
        }
        await age(6 * DAY_MS)
        const since = await two.heldActions.heldSince('repairs', 'x')
        expect(Math.abs(Date.now() - 24 * DAY_MS - Date.parse(since ?? ''))).toBeLessThan(HOUR_MS)
      }))

    it('let an operator admit a person, or remove a hold', async () => {
      const { heldActions } = at.two
      const limits = open(at.one, { deletions: 1 })
      for (const person of ['a', 'b', 'c', "d'$"]) await limits.admit('deletions', person)
      expect(await heldActions.heldSince('deletions', 'a')).toBeNull()
      expect(await heldActions.extendHold('deletions', 'a')).toBeNull()
      const since = await heldActions.heldSince('deletions', 'b')
      expect(await heldActions.extendHold('deletions', 'b')).toBe(since)
      expect(await heldActions.heldSince('repairs', 'b')).toBeNull()
      await heldActions.allow('deletions', ['b', 'unknown', "d'$"])
      await heldActions.allow('deletions', [])
      expect(await limits.admit('deletions', 'b')).toEqual({ admitted: true, wasHeld: true })
      expect(await limits.admit('deletions', 'unknown')).toMatchObject({ admitted: true })
      expect(await limits.admit('deletions', "d'$")).toMatchObject({ admitted: true })
      expect(await heldActions.countHeld('deletions')).toMatchObject({ count: 1 })
      await heldActions.removeHold('deletions', 'c')
      expect(await heldActions.heldSince('deletions', 'c')).toBeNull()
      expect(await heldActions.countHeld('deletions')).toMatchObject({ count: 0, since: null })
    })

    it('are those of one system', async () => {
      await open(at.one, { repairs: 1 }).admit('repairs', 'p1')
      expect(await open(at.one, { repairs: 1 }).admit('repairs', 'p2')).toMatchObject({ admitted: false })
      expect(await open(at.other, { repairs: 1 }).admit('repairs', 'p2')).toMatchObject({ admitted: true })
      expect(await at.other.heldActions.countHeld('repairs')).toMatchObject({ count: 0 })
      await at.other.heldActions.removeHold('repairs', 'p2')
      expect(await at.other.heldActions.release('repairs')).toBe(0)
      expect(await at.one.heldActions.countHeld('repairs')).toMatchObject({ count: 1 })
    })
  })
}
