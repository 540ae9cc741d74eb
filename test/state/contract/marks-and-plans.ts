import { describe, expect, it } from 'vitest'
import type { StoredPlan } from '../../../src/state/ports/plans.ts'
import { useProcesses, type Home } from './home.ts'
import { ODD_IDS } from './odd-texts.ts'

export function marksAndPlansContract(home: Home): void {
  describe('the marks of an audit', () => {
    const at = useProcesses(home)

    it('are found by name, whatever the names are, each kind by itself', async () => {
      const [first = '', ...rest] = ODD_IDS
      await at.one.marks.add('odd', 'running', rest)
      await at.one.marks.add('odd', 'code', [first])
      expect(await at.two.marks.find('odd', 'running', () => ODD_IDS)).toEqual(new Set(rest))
      expect(await at.two.marks.find('odd', 'code', () => ODD_IDS)).toEqual(new Set([first]))
      expect(await at.two.marks.find('odd1', 'code', () => ODD_IDS)).toEqual(new Set())
    })

    it('may be added again, and by two processes at once, together with new ones', async () => {
      const names = (from: number) => Array.from({ length: 100 }, (_, n) => `n${from + n}`)
      await Promise.all([
        at.one.marks.add('again', 'running', names(0)),
        at.two.marks.add('again', 'running', names(50)),
      ])
      await at.one.marks.add('again', 'running', [...names(50), 'new', 'new'])
      await at.one.marks.add('again', 'running', [])
      const found = await at.two.marks.find('again', 'running', () => [
        ...names(0),
        ...names(50),
        'new',
        'not',
      ])
      expect(found.size).toBe(151)
    })

    it('are not compared with names where there are none', async () => {
      const names = (): readonly string[] => {
        throw new Error('not needed')
      }
      expect(await at.one.marks.find('none', 'running', names)).toEqual(new Set())
      await at.one.marks.add('some', 'code', ['x'])
      expect(await at.one.marks.find('some', 'running', names)).toEqual(new Set())
    })

    it('are deleted batch by batch, those of other audits stay', async () => {
      const names = Array.from({ length: 12_000 }, (_, n) => `n${n}`)
      for (const audit of ['ends', 'ends1', 'end']) await at.one.marks.add(audit, 'code', ['x'])
      await at.other.marks.add('theirs', 'code', ['x'])
      await at.one.marks.add('ends', 'running', names)
      let batches = 1
      while (!(await at.two.marks.deleteBatch('ends')).all) batches += 1
      expect(batches).toBeGreaterThan(1)
      for (const mark of ['running', 'code'] as const)
        expect(await at.one.marks.find('ends', mark, () => ['x', ...names])).toEqual(new Set())
      for (const audit of ['ends1', 'end'])
        expect(await at.one.marks.find(audit, 'code', () => ['x'])).toEqual(new Set(['x']))
      expect(await at.other.marks.find('theirs', 'code', () => ['x'])).toEqual(new Set(['x']))
    })
  })

  describe('plans', () => {
    const at = useProcesses(home)
    const plan: StoredPlan = {
      planId: 'plan-1',
      audit: 'audit-1',
      scope: { tenant: 'sotce', last: 5, since: '2026-01-01T00:00:00.000Z', id: "auth0|it's" },
      population: 100,
      digest: 'abc',
      people: 3,
      byDatabase: 2,
      skipped: 1,
      skippedKinds: { 'account-gone': 1 },
    }

    it('are loaded as they were saved, by the system that saved them', async () => {
      await at.one.plans.save(plan)
      expect(await at.two.plans.load('plan-1')).toEqual(plan)
      expect(await at.other.plans.load('plan-1')).toBeNull()
      expect(await at.two.plans.load('plan-2')).toBeNull()
    })

    it('may be saved again, and by two processes at once', async () => {
      await Promise.all([at.one.plans.save(plan), at.two.plans.save(plan)])
      const { skippedKinds: _, ...changed } = { ...plan, digest: 'def' }
      await at.two.plans.save(changed)
      expect(await at.one.plans.load('plan-1')).toEqual(changed)
    })
  })
}
