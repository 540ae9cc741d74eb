import { describe, expect, it } from 'vitest'
import { HOUR_MS, useProcesses, type Home } from './home.ts'
import { byBytes, ODD_IDS } from './odd-texts.ts'

export function peopleContract(home: Home): void {
  describe('ignored people', () => {
    const at = useProcesses(home)
    const inHours = (hours: number): Date => new Date(Date.now() + hours * HOUR_MS)
    const namesOf = async (state = at.two): Promise<string[]> =>
      (await state.ignored.list()).map(({ identity }) => identity)

    it('are listed by the end of their time, until it is over', async () => {
      const add = (identity: string, hours: number) =>
        at.one.ignored.add({ tenant: 'sotce', identity, until: inHours(hours), reason: "it's a $test" })
      await add('later', 30)
      await add('soon', 10)
      await add('last', 50)
      expect(await namesOf()).toEqual(['soon', 'later', 'last'])
      const [soon] = await at.two.ignored.list()
      expect(soon).toMatchObject({ tenant: 'sotce', reason: "it's a $test" })
      expect(Math.abs(Date.parse(soon?.until ?? '') - inHours(10).getTime())).toBeLessThan(60_000)
      await at.database.age(20 * HOUR_MS)
      expect(await namesOf()).toEqual(['later', 'last'])
      expect(await at.two.ignored.drop('later')).toBe(true)
      expect(await at.one.ignored.drop('later')).toBe(false)
      expect(await namesOf()).toEqual(['last'])
      await at.one.ignored.drop('last')
    })

    it('get a new time and a new reason by a second call, and keep their beginning', async () => {
      await at.one.ignored.add({ tenant: 't', identity: 'x', until: inHours(1), reason: 'first' })
      await at.database.age(1_000)
      const [first] = await at.two.ignored.list()
      await at.two.ignored.add({ tenant: 't', identity: 'x', until: inHours(9), reason: 'second' })
      const [second, ...more] = await at.one.ignored.list()
      expect(more).toEqual([])
      expect(second).toMatchObject({ reason: 'second', since: first?.since })
      expect(Date.parse(second?.until ?? '')).toBeGreaterThan(inHours(8).getTime())
      await at.one.ignored.drop('x')
    })

    it('are one each, though two processes add the same at once, whatever their ids are', async () => {
      await Promise.all(
        ODD_IDS.flatMap((identity) =>
          [at.one, at.two].map(({ ignored }) =>
            ignored.add({ tenant: 't', identity, until: inHours(1), reason: 'r' }),
          ),
        ),
      )
      expect(byBytes(await namesOf())).toEqual(byBytes(ODD_IDS))
      expect(await namesOf(at.other)).toEqual([])
      await at.other.ignored.add({ tenant: 't', identity: 'a', until: inHours(1), reason: 'theirs' })
      expect(await at.one.ignored.drop('a')).toBe(true)
      expect(await namesOf(at.other)).toEqual(['a'])
      for (const identity of ODD_IDS) await at.one.ignored.drop(identity)
      expect(await namesOf()).toEqual([])
      expect(await namesOf(at.other)).toEqual(['a'])
    })
  })

  describe('deletions from before the installation', () => {
    const at = useProcesses(home)
    const day = (n: number): Date => new Date(Date.UTC(2025, 0, n))

    it('keep the latest time of a person, also where two processes record it at once', async () => {
      const record = (state: typeof at.one, identity: string, n: number) =>
        state.oldDeletions.record({ identity, tenant: 'sotce', deletedAt: day(n) })
      for (let round = 0; round < 5; round += 1)
        await Promise.all([record(at.one, `p${round}`, 2), record(at.two, `p${round}`, 1)])
      await record(at.one, 'p0', 3)
      await record(at.two, 'p0', 2)
      const found = await at.two.oldDeletions.list('sotce')
      expect(new Map(found.map(({ identity, deletedAt }) => [identity, deletedAt]))).toEqual(
        new Map([3, 2, 2, 2, 2].map((n, index) => [`p${index}`, day(n)])),
      )
      expect(await at.one.oldDeletions.count('sotce')).toBe(5)
    })

    it('are those of one tenant and one system, until they are carried out', async () => {
      for (const identity of ODD_IDS)
        await at.one.oldDeletions.record({ identity, tenant: 'odd', deletedAt: day(1) })
      await at.other.oldDeletions.record({ identity: 'a', tenant: 'odd', deletedAt: day(9) })
      expect(await at.two.oldDeletions.count('odd')).toBe(ODD_IDS.length)
      expect(await at.other.oldDeletions.list('odd')).toEqual([
        { identity: 'a', tenant: 'odd', deletedAt: day(9) },
      ])
      await at.other.oldDeletions.remove('B')
      await at.one.oldDeletions.remove('a')
      const left = (await at.two.oldDeletions.list('odd')).map(({ identity }) => identity)
      expect(byBytes(left)).toEqual(byBytes(ODD_IDS.filter((identity) => identity !== 'a')))
      expect(await at.other.oldDeletions.count('odd')).toBe(1)
      expect(await at.one.oldDeletions.count('unknown')).toBe(0)
    })
  })
}
