import { describe, expect, it } from 'vitest'
import { SECOND_MS, useProcesses, type Home } from './home.ts'
import { ODD_IDS } from './odd-texts.ts'

const hash = (identity: string): string => `hash of ${identity}`
const AT = new Date('2026-01-02T03:04:05.678Z')
const later = (ms: number): Date => new Date(AT.getTime() + ms)

export function tombstonesContract(home: Home): void {
  describe('tombstones', () => {
    const at = useProcesses(home)
    const stores = () => [at.one.tombstones(hash), at.two.tombstones(hash)] as const

    it('are in progress until they are finished, also where nothing was erased', async () => {
      const [one, two] = stores()
      expect(await two.find('nobody')).toBeNull()
      await one.set('nobody', AT, 'force')
      expect(await two.find('nobody')).toEqual({
        at: AT,
        finishedAt: null,
        erased: {},
        by: 'force',
        leftTo: [],
      })
      await two.finish('nobody', {})
      const found = await one.find('nobody')
      expect(found).toMatchObject({ at: AT, erased: {} })
      expect(Math.abs(Date.now() - (found?.finishedAt?.getTime() ?? 0))).toBeLessThan(60 * SECOND_MS)
    })

    it('keep the latest time and the first origin, also of two deletions at once', async () => {
      const [one, two] = stores()
      for (let round = 0; round < 5; round += 1) {
        const person = `at-once-${round}`
        await Promise.all([one.set(person, later(5), 'command'), two.set(person, AT, 'command')])
        expect(await one.find(person)).toMatchObject({ at: later(5), by: 'command' })
      }
      await one.set('times', later(5), 'command')
      await two.set('times', AT, 'event')
      expect(await one.find('times')).toMatchObject({ at: later(5), by: 'command' })
      await one.set('times', later(9))
      expect(await two.find('times')).toMatchObject({ at: later(9), by: 'command' })
    })

    it('add up what several deletions erased, and what one deletion erased once', async () => {
      const [one, two] = stores()
      for (const erased of [{ users: 1, pds: 1 }, {}, { users: 1 }]) {
        await one.set('twice', AT)
        expect(await two.find('twice')).toMatchObject({ finishedAt: null })
        await two.finish('twice', erased)
      }
      expect(await one.find('twice')).toMatchObject({ erased: { users: 2, pds: 1 } })
      for (let round = 0; round < 5; round += 1) {
        const person = `finished-${round}`
        await one.set(person, AT)
        await Promise.all([one.finish(person, { users: 1 }), two.finish(person, { users: 1 })])
        expect(await one.find(person)).toMatchObject({ erased: { users: 1 } })
      }
    })

    it('are lifted only where they are finished, and unchanged since they were read', async () => {
      const [one, two] = stores()
      await one.set('lifted', AT)
      const begun = await two.find('lifted')
      if (begun === null) throw new Error('no tombstone')
      await two.lift('lifted', begun)
      expect(await one.find('lifted')).not.toBeNull()
      await one.finish('lifted', {})
      await two.lift('lifted', { ...begun, at: later(-1) })
      expect(await one.find('lifted')).not.toBeNull()
      await two.lift('lifted', begun)
      expect(await one.find('lifted')).toBeNull()
    })

    it('are found for many people at once, whatever their ids are, and counted since a time', async () => {
      const [one, two] = stores()
      const before = await two.countSince(later(100))
      for (const [index, identity] of ODD_IDS.entries()) await one.set(identity, later(1_000 + index))
      const found = await two.findAll([...ODD_IDS, 'unknown'])
      expect(new Map([...found].map(([identity, tombstone]) => [identity, tombstone.at]))).toEqual(
        new Map(ODD_IDS.map((identity, index) => [identity, later(1_000 + index)])),
      )
      expect(await two.findAll([])).toEqual(new Map())
      expect((await two.countSince(later(100))) - before).toBe(ODD_IDS.length)
      expect(await two.countSince(later(1_001))).toBe(ODD_IDS.length - 1)
    })

    it('count accounts that stayed with another person, until that person is deleted too', async () => {
      const [one, two] = stores()
      const remove = async (identity: string, leftTo: string[] = []): Promise<void> => {
        await one.set(identity, AT)
        await one.finish(identity, {}, { leftTo, unjudged: 2 })
      }
      await remove('without')
      await remove('merged', [hash('holder'), hash('other')])
      await remove('merged-too', [hash('holder')])
      await remove('merged', [hash('other')])
      expect(await two.find('merged')).toMatchObject({ leftTo: [hash('holder'), hash('other')] })
      expect(await two.countAccountsLeft()).toBe(2)
      await one.set('holder', AT)
      expect(await two.countAccountsLeft()).toBe(2)
      await one.finish('holder', {})
      expect(await two.countAccountsLeft()).toBe(1)
      await remove('other')
      expect(await two.countAccountsLeft()).toBe(0)
    })

    it('are those of one system', async () => {
      const [one] = stores()
      const theirs = at.other.tombstones(hash)
      await one.set('both', AT)
      await one.finish('both', { users: 1 }, { leftTo: [hash('their holder')] })
      expect(await theirs.find('both')).toBeNull()
      expect(await theirs.findAll(['both'])).toEqual(new Map())
      expect(await theirs.countSince(new Date(0))).toBe(0)
      await theirs.set('their holder', AT)
      await theirs.finish('their holder', {})
      expect([await one.countAccountsLeft(), await theirs.countAccountsLeft()]).toEqual([1, 0])
      await theirs.set('both', later(7))
      await theirs.finish('both', { orders: 2 })
      expect(await one.find('both')).toMatchObject({ at: AT, erased: { users: 1 } })
      const seen = await theirs.find('both')
      expect(seen).toMatchObject({ at: later(7), erased: { orders: 2 } })
      if (seen !== null) await theirs.lift('both', seen)
      expect(await theirs.find('both')).toBeNull()
      expect(await one.find('both')).not.toBeNull()
    })
  })
}
