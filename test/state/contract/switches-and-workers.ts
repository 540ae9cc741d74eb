import { describe, expect, it } from 'vitest'
import type { State } from '../../../src/state/ports.ts'
import type { WorkerInfo } from '../../../src/state/ports/workers.ts'
import { SECOND_MS, useProcesses, type Home } from './home.ts'

export function switchesAndWorkersContract(home: Home): void {
  describe('switches', () => {
    const at = useProcesses(home)

    it('a worker that has just found no pause begins nothing once the pause is set', async () => {
      await at.two.switches.assertNotPaused()
      const pause = await at.one.switches.pause('ana', "it's $late")
      expect(pause).toMatchObject({ by: 'ana', reason: "it's $late" })
      await expect(at.two.switches.assertNotPaused()).rejects.toMatchObject({
        problem: 'paused',
        detail: { since: pause.since, by: 'ana', reason: "it's $late" },
      })
      await at.two.switches.assertNotPaused('deletions')
      await at.other.switches.assertNotPaused()
      expect(await at.other.switches.resume()).toBeNull()
      expect(await at.two.switches.pauseOf()).toEqual(pause)
      expect(await at.two.switches.resume()).toEqual(pause)
      expect(await at.one.switches.resume()).toBeNull()
      expect(await at.one.switches.pauseOf()).toBeNull()
      await at.one.switches.assertNotPaused()
    })

    it('an earlier pause stays, also of two that are set at once', async () => {
      const [one, two] = await Promise.all([
        at.one.switches.pause('ana', null, 'deletions'),
        at.two.switches.pause('bo', null, 'deletions'),
      ])
      expect(one).toEqual(two)
      expect(await at.one.switches.pause('cy', 'later', 'deletions')).toEqual(one)
      await expect(at.two.switches.assertNotPaused('deletions')).rejects.toMatchObject({
        problem: 'deletions-paused',
      })
      await at.one.switches.assertNotPaused()
      expect(await at.one.switches.resume()).toBeNull()
      expect(await at.two.switches.resume('deletions')).toEqual(one)
    })
  })

  describe('the reports of workers', () => {
    const at = useProcesses(home)
    const list = async ({ workers }: State) => {
      await at.database.written()
      return workers.list()
    }
    const worker = (identity: string, change: Partial<WorkerInfo> = {}): WorkerInfo => ({
      identity,
      host: '$host',
      pid: 12,
      build: '0.1.0+abc',
      startedAt: new Date('2026-01-02T03:04:05.678Z'),
      settings: { PDS_URL: '$hash', 'a.b': 'x' },
      ...change,
    })

    it('are as they were made, the newest first, with their age', async () => {
      await at.one.workers.report(worker('1@a'), false)
      await at.database.age(10 * SECOND_MS)
      await at.two.workers.report(worker('2@b', { settings: {} }), true)
      const [second, first, ...more] = await list(at.two)
      expect(more).toEqual([])
      const { ageMs, ...shown } = first ?? { ageMs: 0 }
      expect(shown).toEqual({ ...worker('1@a'), startedAt: '2026-01-02T03:03:55.678Z', stopped: false })
      expect(ageMs).toBeGreaterThanOrEqual(10 * SECOND_MS)
      expect(ageMs).toBeLessThan(60 * SECOND_MS)
      expect(second).toMatchObject({ identity: '2@b', stopped: true, settings: {} })
      expect(second?.ageMs).toBeLessThan(60 * SECOND_MS)
    })

    it('are one for each worker, also for two reports at once, and of one system', async () => {
      await Promise.all([
        at.one.workers.report(worker('1@a', { build: 'b' }), false),
        at.two.workers.report(worker('1@a', { build: 'b' }), false),
        at.one.workers.report(worker('3@c', { settings: {} }), false),
        at.two.workers.report(worker('3@c', { settings: {} }), false),
      ])
      const listed = await list(at.one)
      expect(listed.map(({ identity }) => identity).toSorted()).toEqual(['1@a', '2@b', '3@c'])
      expect(listed.find(({ identity }) => identity === '1@a')).toMatchObject({ build: 'b' })
      expect(await list(at.other)).toEqual([])
      await at.other.workers.report(worker('1@a'), true)
      expect(await list(at.other)).toMatchObject([{ identity: '1@a', stopped: true }])
      const ours = (await list(at.one)).find(({ identity }) => identity === '1@a')
      expect(ours).toMatchObject({ stopped: false })
    })
  })
}
