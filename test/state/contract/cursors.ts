import { describe, expect, it } from 'vitest'
import { SECOND_MS, useProcesses, type Home } from './home.ts'

export function cursorsContract(home: Home): void {
  describe('cursors', () => {
    const at = useProcesses(home)

    it('of two readers that advance from one place, one succeeds', async () => {
      for (let round = 0; round < 10; round += 1) {
        const tenant = `round-${round}`
        let from: string | null = null
        for (const page of ['1', '2']) {
          const step = (to: string) => ({ from, to: `${page}${to}` })
          const moved = await Promise.all([
            at.one.cursors.advance(tenant, 'log', step('a')),
            at.two.cursors.advance(tenant, 'log', step('b')),
          ])
          expect(moved.filter((one) => one)).toHaveLength(1)
          const place = await at.two.cursors.place(tenant, 'log')
          expect(place).toBe(moved[0] ? `${page}a` : `${page}b`)
          from = place
        }
      }
    })

    it('a page that is read a second time moves nothing back', async () => {
      const { cursors } = at.one
      expect(await cursors.place('t', 'log')).toBeNull()
      expect(await cursors.advance('t', 'log', { from: 'never', to: 'x' })).toBe(false)
      expect(await cursors.advance('t', 'log', { from: null, to: 'a' })).toBe(true)
      expect(await cursors.advance('t', 'log', { from: 'a', to: 'b' })).toBe(true)
      expect(await cursors.advance('t', 'log', { from: null, to: 'a' })).toBe(false)
      expect(await cursors.advance('t', 'log', { from: 'a', to: 'b' })).toBe(false)
      expect(await at.two.cursors.place('t', 'log')).toBe('b')
    })

    it('each tenant and each source has a place of its own, in any text', async () => {
      const places = { log: '$$NOW', created: 'a"b\'c', verified: '100% é/…', other: '' }
      for (const tenant of ['one', '-', 'a.b', '$t'])
        for (const [source, to] of Object.entries(places))
          expect(await at.one.cursors.advance(tenant, source, { from: null, to: tenant + to })).toBe(true)
      for (const tenant of ['one', '-', 'a.b', '$t'])
        for (const [source, to] of Object.entries(places))
          expect(await at.two.cursors.place(tenant, source)).toBe(tenant + to)
    })

    it('knows the newest event, when events were read, and when their end was reached', async () => {
      const { cursors } = at.one
      const unread = { lastEventAt: null, readAt: null, caughtUpAt: null, gap: null }
      expect(await cursors.load('dates')).toEqual(unread)
      await cursors.advance('dates', 'created', { from: null, to: 'x' })
      expect(await cursors.load('dates')).toEqual(unread)
      const [newer, older] = [new Date('2026-01-02T00:00:00.000Z'), new Date('2026-01-01T00:00:00.000Z')]
      await cursors.advance('dates', 'log', { from: null, to: 'a', lastEventAt: newer })
      await cursors.advance('dates', 'log', { from: 'a', to: 'b', lastEventAt: older })
      const read = await at.two.cursors.load('dates')
      expect(read).toMatchObject({ lastEventAt: newer, caughtUpAt: null })
      expect(Math.abs(Date.now() - (read.readAt?.getTime() ?? 0))).toBeLessThan(60 * SECOND_MS)
      await cursors.advance('dates', 'log', { from: 'b', to: 'c', lastEventAt: null, caughtUp: true })
      const caughtUp = await at.two.cursors.load('dates')
      expect(caughtUp.lastEventAt).toEqual(newer)
      expect(Math.abs(Date.now() - (caughtUp.caughtUpAt?.getTime() ?? 0))).toBeLessThan(60 * SECOND_MS)
      await at.database.age(SECOND_MS)
      await cursors.advance('dates', 'log', { from: 'b', to: 'd', lastEventAt: null, caughtUp: true })
      const refused = await at.two.cursors.load('dates')
      expect(refused.caughtUpAt?.getTime()).toBe((caughtUp.caughtUpAt?.getTime() ?? 0) - SECOND_MS)
    })

    it('every process has the same time since which a tenant is served', async () => {
      const states = [at.one, at.two, at.one, at.two]
      const times = await Promise.all(states.map(({ cursors }) => cursors.servedSince('served')))
      expect(new Set(times.map((time) => time.getTime())).size).toBe(1)
      await at.database.age(SECOND_MS)
      const later = await (await at.database.open(home.system)).cursors.servedSince('served')
      expect(later.getTime()).toBe((times[0]?.getTime() ?? 0) - SECOND_MS)
      expect(await at.one.cursors.place('served', 'log')).toBeNull()
      expect(await at.one.cursors.advance('served', 'log', { from: null, to: 'a' })).toBe(true)
    })

    it('a period that can no longer be read is extended, and closed once it was audited', async () => {
      const { cursors } = at.one
      const day = (n: number): Date => new Date(Date.UTC(2026, 0, n))
      expect(await cursors.closeGap('gap')).toBe(false)
      await cursors.recordGap('gap', { from: day(3), to: day(4) })
      const { gap: first } = await at.two.cursors.load('gap')
      expect(first).toMatchObject({ from: day(3).toISOString(), to: day(4).toISOString() })
      await Promise.all([
        cursors.recordGap('gap', { from: day(2), to: day(3) }),
        at.two.cursors.recordGap('gap', { from: day(4), to: day(6) }),
      ])
      const { gap } = await at.two.cursors.load('gap')
      expect(gap).toEqual({
        from: day(2).toISOString(),
        to: day(6).toISOString(),
        noticedAt: first?.noticedAt,
      })
      expect(await at.other.cursors.closeGap('gap')).toBe(false)
      expect(await cursors.closeGap('another', day(7))).toBe(false)
      expect(await cursors.closeGap('gap', day(5))).toBe(false)
      expect(await cursors.closeGap('gap', day(6))).toBe(true)
      expect(await at.two.cursors.load('gap')).toMatchObject({ gap: null })
      expect(await at.two.cursors.closeGap('gap', day(7))).toBe(false)
      await cursors.recordGap('gap', { from: day(8), to: day(9) })
      expect(await at.two.cursors.closeGap('gap')).toBe(true)
    })

    it('another system reads from its own place', async () => {
      await at.one.cursors.advance('both', 'log', { from: null, to: 'ours', caughtUp: true })
      await at.one.cursors.recordGap('both', { from: new Date(0), to: new Date(1) })
      expect(await at.other.cursors.place('both', 'log')).toBeNull()
      expect(await at.other.cursors.load('both')).toMatchObject({ caughtUpAt: null, gap: null })
      expect(await at.other.cursors.advance('both', 'log', { from: null, to: 'theirs' })).toBe(true)
      expect(await at.one.cursors.place('both', 'log')).toBe('ours')
    })
  })
}
