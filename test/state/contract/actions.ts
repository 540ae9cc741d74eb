import { describe, expect, it } from 'vitest'
import type { Action, ActionOutcome } from '../../../src/contracts/actions.ts'
import { SECOND_MS, useProcesses, type Home } from './home.ts'

const BY = { name: "ana o'hara", verified: true, via: 'command' } as const
const SUCCEEDED: ActionOutcome = { outcome: 'succeeded', keyIds: ['k1', 'k2'], count: 2, error: null }
const FAILED: ActionOutcome = { outcome: 'failed', keyIds: [], count: 0, error: 'TypeError' }

export function actionsContract(home: Home): void {
  describe('the record of actions', () => {
    const at = useProcesses(home)
    const action = (name: string, change: Partial<Action> = {}): Action => ({
      system: home.system,
      name,
      kind: 'change',
      subjects: [],
      scope: 'problem $or "quoted"',
      reason: "it's 100%",
      by: BY,
      ...change,
    })

    it('has an action as soon as it begins, without an outcome until it ends', async () => {
      const begun = action('delete', { kind: 'destroy', subjects: ['s1', 's2'] })
      const id = await at.one.actions.begin(begun)
      const [running] = await at.two.actions.list({ subject: 's2' }, 10)
      expect(running).toMatchObject({ ...begun, id, outcome: null, contradictedBy: [] })
      expect(Date.now() - Date.parse(running?.at ?? '')).toBeLessThan(60 * SECOND_MS)
      await at.two.actions.end(id, SUCCEEDED)
      expect(await at.one.actions.list({ subject: 's1' }, 10)).toMatchObject([{ id, ...SUCCEEDED }])
    })

    it('keeps a second outcome beside the first', async () => {
      const id = await at.one.actions.begin(action('retry', { subjects: ['twice'] }))
      await at.one.actions.end(id, FAILED)
      await at.database.age(SECOND_MS)
      await at.two.actions.end(id, SUCCEEDED)
      expect(await at.two.actions.list({ subject: 'twice' }, 10)).toMatchObject([
        { id, ...FAILED, contradictedBy: [SUCCEEDED] },
      ])
    })

    it('keeps both outcomes of two processes that end one action at once', async () => {
      const id = await at.one.actions.begin(action('retry', { subjects: ['at-once'] }))
      await Promise.all([at.one.actions.end(id, FAILED), at.two.actions.end(id, SUCCEEDED)])
      const [found] = await at.one.actions.list({ subject: 'at-once' }, 10)
      expect(
        new Set([found?.outcome, ...(found?.contradictedBy ?? []).map(({ outcome }) => outcome)]),
      ).toEqual(new Set(['failed', 'succeeded']))
    })

    it('lists the newest first, at most as many as are wanted', async () => {
      for (const name of ['a', 'b', 'c']) {
        await at.database.age(SECOND_MS)
        await at.one.actions.begin(action(name, { subjects: ['ordered'] }))
      }
      const names = (await at.two.actions.list({ subject: 'ordered' }, 2)).map(({ name }) => name)
      expect(names).toEqual(['c', 'b'])
    })

    it('lists those on one person, and those on one system with those on none', async () => {
      await at.one.actions.begin(action('ours', { subjects: ['shared'] }))
      await at.other.actions.begin(action('theirs', { system: home.otherSystem, subjects: ['shared'] }))
      await at.other.actions.begin(action('of none', { system: null, subjects: ['shared'] }))
      await at.one.actions.begin(action('of another person', { subjects: ['shared-not'] }))
      const names = async (system: Action['system'] & string) =>
        new Set((await at.one.actions.list({ system, subject: 'shared' }, 10)).map(({ name }) => name))
      expect(await names(home.system)).toEqual(new Set(['ours', 'of none']))
      expect(await names(home.otherSystem)).toEqual(new Set(['theirs', 'of none']))
    })
  })
}
