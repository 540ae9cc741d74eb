import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createIdHash, createKeyring, type Keyring } from '../../../src/crypto/keyring.ts'
import type { UnreadableEntry } from '../../../src/state/ports/quarantine.ts'
import type { State } from '../../../src/state/ports.ts'
import { DAY_MS, SECOND_MS, useProcesses, type Home } from './home.ts'

export const hash = createIdHash(Buffer.alloc(32, 7))

export const ringOf = (...ids: [string, ...string[]]): Keyring => {
  const [first, ...others] = ids.map((id) => ({ id, bytes: keyOf(id) }))
  if (first === undefined) throw new Error('no key')
  return createKeyring([first, ...others])
}
const keys = new Map<string, Buffer>()
const keyOf = (id: string): Buffer => {
  const bytes = keys.get(id) ?? randomBytes(32)
  keys.set(id, bytes)
  return bytes
}

export function quarantineContract(home: Home): void {
  describe('quarantined entries', () => {
    const at = useProcesses(home)
    const open = (state: State, keyring = ringOf('k1')) => state.quarantine({ keyring, hash, keepDays: 30 })
    const entry = (content: string, change: Partial<UnreadableEntry> = {}): UnreadableEntry => ({
      tenant: 'aesthetic',
      reason: 'no type',
      content,
      ...change,
    })
    const find = async (content: string, state = at.two) => {
      for (const id of await open(state).ids()) {
        const opened = await open(state).open(id)
        if (opened?.content === content) return opened
      }
      return null
    }

    it('are opened as they arrived, by every process with the key', async () => {
      const odd = `{"$set":"it's 100% \\u007c é \u{1f600}"}`
      const original = { bytes: 99_999, sha256: 'abc' }
      expect(await open(at.one).store([entry(odd, { original, reason: "it's odd" })])).toEqual({
        notStored: 0,
      })
      expect(await find(odd)).toMatchObject({
        system: home.system,
        tenant: 'aesthetic',
        reason: "it's odd",
        times: 1,
        original,
        keyId: 'k1',
      })
      const [id = ''] = await open(at.two).ids()
      await expect(open(at.two, ringOf('k2')).open(id)).rejects.toMatchObject({ problem: 'seal-broken' })
      expect(await open(at.two).open('unknown')).toBeNull()
      expect(await open(at.one).store([])).toEqual({ notStored: 0 })
    })

    it('are counted where they repeat, also when two processes store the same at once', async () => {
      for (let round = 0; round < 5; round += 1) {
        const content = `again-${round}`
        await Promise.all([
          open(at.one).store([entry(content), entry(content)]),
          open(at.two).store([entry(content), entry(content, { tenant: 'sotce' })]),
        ])
        const opened = await Promise.all((await open(at.two).ids()).map((id) => open(at.two).open(id)))
        const same = opened.filter((one) => one?.content === content)
        expect(new Map(same.map((one) => [one?.tenant, one?.times]))).toEqual(
          new Map([
            ['aesthetic', 3],
            ['sotce', 1],
          ]),
        )
      }
    })

    it('that repeat are kept from their last arrival, with the reason of that one', async () => {
      await open(at.one).store([entry('repeats')])
      await at.database.age(3 * DAY_MS)
      const before = await find('repeats')
      await open(at.two).store([entry('repeats', { reason: 'no id' })])
      const after = await find('repeats')
      expect(after).toMatchObject({ firstSeen: before?.firstSeen, reason: 'no id', times: 2 })
      const moved = (field: 'lastSeen' | 'expiresAt') =>
        Date.parse(after?.[field] ?? '') - Date.parse(before?.[field] ?? '')
      for (const field of ['lastSeen', 'expiresAt'] as const)
        expect(Math.abs(moved(field) - 3 * DAY_MS)).toBeLessThan(60 * SECOND_MS)
      const days = (Date.parse(after?.expiresAt ?? '') - Date.parse(after?.lastSeen ?? '')) / DAY_MS
      expect(days).toBeCloseTo(30, 3)
    })

    it('may get another reason, and stay as long as before', async () => {
      await open(at.one).store([entry('renamed')])
      await at.database.age(SECOND_MS)
      const before = await find('renamed')
      await open(at.two).updateReason(before?.id ?? '', 'no tenant')
      expect(await find('renamed')).toEqual({ ...before, reason: 'no tenant' })
    })

    it('are listed newest first, and removed by id', async () => {
      const database = await home.create()
      try {
        const [one, two] = [await database.open(home.system), await database.open(home.system)]
        for (const content of ['a', 'b', 'c']) {
          await database.age(SECOND_MS)
          await open(one).store([entry(content, { reason: content })])
        }
        const listed = await open(two).list(2)
        expect(listed.map(({ reason }) => reason)).toEqual(['c', 'b'])
        const ids = listed.map(({ id }) => id)
        expect(await open(one).remove([...ids, 'unknown'])).toBe(2)
        expect(await open(two).remove(ids)).toBe(0)
        expect((await open(two).list(9)).map(({ reason }) => reason)).toEqual(['a'])
      } finally {
        await database.drop()
      }
    })

    it('are summed up by reason, the most frequent first, without a key', async () => {
      const database = await home.create()
      try {
        const [one, other] = [await database.open(home.system), await database.open(home.otherSystem)]
        expect(await one.quarantineSummary()).toEqual({ count: 0, reasons: {}, since: null })
        await open(one).store([entry('1', { reason: 'seldom' })])
        await database.age(SECOND_MS)
        await open(one).store(['2', '3', '4'].map((content) => entry(content, { reason: 'often' })))
        const summary = await one.quarantineSummary()
        expect(summary).toMatchObject({ count: 4, reasons: { often: 3, seldom: 1 } })
        expect(Object.keys(summary.reasons)).toEqual(['often', 'seldom'])
        const oldest = (await open(one).list(9)).at(-1)?.firstSeen
        expect(summary.since).toBe(oldest)
        expect(await other.quarantineSummary()).toEqual({ count: 0, reasons: {}, since: null })
      } finally {
        await database.drop()
      }
    })

    it('are those of one system', async () => {
      await open(at.one).store([entry('both')])
      await open(at.other).store([entry('both')])
      const ours = await find('both', at.one)
      const id = ours?.id ?? ''
      expect(await open(at.other).ids()).not.toContain(id)
      expect(await open(at.other).open(id)).toBeNull()
      expect(await open(at.other).remove([id])).toBe(0)
      await open(at.other).updateReason(id, 'theirs')
      expect(await find('both', at.one)).toEqual(ours)
      expect(await open(at.other).list(9)).toHaveLength(1)
    })
  })
}
