import { describe, expect, it } from 'vitest'
import type { DailyQuota, UnreadableEntry } from '../../../src/state/ports/quarantine.ts'
import type { State } from '../../../src/state/ports.ts'
import { useProcesses, type Home } from './home.ts'
import { hash, ringOf } from './quarantine.ts'

export function quotaContract(home: Home): void {
  describe('the daily quota of quarantined entries', () => {
    const at = useProcesses(home)
    const open = (state: State, quota: DailyQuota) =>
      state.quarantine({ keyring: ringOf('k1'), hash, keepDays: 30, quota })
    const entries = (tenant: string, from: number, count: number, content = 'x'): UnreadableEntry[] =>
      Array.from({ length: count }, (_, n) => ({ tenant, reason: 'r', content: `${content}${from + n}` }))
    const stored = async (tenant: string): Promise<number> =>
      (await open(at.one, LARGE).list(1_000)).filter((one) => one.tenant === tenant).length
    const LARGE: DailyQuota = { entries: 1_000, bytes: 1_000_000 }
    const today = (): string => new Date().toISOString().slice(0, 10)

    it('is shared by two processes that use it up at once', async () => {
      const quota = { entries: 25, bytes: 1_000_000 }
      const calls = Array.from({ length: 10 }, (_, call) =>
        open(call % 2 === 0 ? at.one : at.two, quota).store(entries('shared', call * 10, 5)),
      )
      const notStored = (await Promise.all(calls)).reduce((sum, one) => sum + one.notStored, 0)
      expect(notStored).toBe(25)
      expect(await stored('shared')).toBe(25)
      expect(await open(at.two, quota).exceeded()).toEqual([
        { tenant: 'shared', day: today(), notStored: 25 },
      ])
    })

    it('counts bytes, too, and no entry that is there already', async () => {
      const quota = { entries: 1_000, bytes: 100 }
      const first = entries('bytes', 10, 1, 'é'.repeat(30)) // 62 bytes
      expect(await open(at.one, quota).store(first)).toEqual({ notStored: 0 })
      expect(await open(at.two, quota).store(first)).toEqual({ notStored: 0 })
      expect(await open(at.two, quota).store([...first, ...entries('bytes', 20, 1, 'é'.repeat(20))])).toEqual(
        {
          notStored: 1,
        },
      )
      expect(await stored('bytes')).toBe(1)
    })

    it('is that of one tenant and one system', async () => {
      const quota = { entries: 3, bytes: 1_000_000 }
      expect(await open(at.one, quota).store([...entries('a', 0, 4), ...entries('b', 0, 3)])).toEqual({
        notStored: 1,
      })
      expect(await open(at.other, quota).store(entries('a', 0, 3))).toEqual({ notStored: 0 })
      expect(await open(at.other, quota).exceeded()).toEqual([])
      expect((await open(at.one, quota).exceeded()).map(({ tenant }) => tenant)).not.toContain('b')
    })
  })
}
