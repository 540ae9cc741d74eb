import { describe, expect, it } from 'vitest'
import type { NotedEvent } from '../../../src/state/ports/noted-events.ts'
import { DAY_MS, useProcesses, type Home } from './home.ts'
import { ODD_IDS } from './odd-texts.ts'

const TENANT = 'aesthetic'

export function eventsContract(home: Home): void {
  describe('seen events', () => {
    const at = useProcesses(home)

    it('are known to every process once they are recorded, whatever their ids are', async () => {
      const [first = '', ...rest] = ODD_IDS
      expect(await at.one.seenEvents.known(TENANT, ODD_IDS)).toEqual(new Set())
      await at.one.seenEvents.record(TENANT, rest)
      expect(await at.two.seenEvents.known(TENANT, ODD_IDS)).toEqual(new Set(rest))
      expect(await at.two.seenEvents.known(TENANT, [first, 'unknown'])).toEqual(new Set())
    })

    it('are known whatever characters their ids have, and hold up none beside them', async () => {
      const ids = ['nul\0in it', 'beside it']
      await at.one.seenEvents.record(TENANT, ids)
      expect(await at.two.seenEvents.known(TENANT, [...ids, 'another'])).toEqual(new Set(ids))
    })

    it('may be recorded by two deliveries at once, together with new ones', async () => {
      const ids = (from: number) => Array.from({ length: 50 }, (_, index) => `e${from + index}`)
      await Promise.all([
        at.one.seenEvents.record(TENANT, ids(0)),
        at.two.seenEvents.record(TENANT, ids(25)),
        at.one.seenEvents.record(TENANT, [...ids(0).toReversed(), 'e1']),
      ])
      expect((await at.two.seenEvents.known(TENANT, ids(0))).size).toBe(50)
      expect((await at.one.seenEvents.known(TENANT, ids(25))).size).toBe(50)
    })

    it('are those of one tenant and one system, and no ids give none', async () => {
      await at.one.seenEvents.record(TENANT, ['mine'])
      expect(await at.one.seenEvents.known('sotce', ['mine'])).toEqual(new Set())
      expect(await at.other.seenEvents.known(TENANT, ['mine'])).toEqual(new Set())
      await at.other.seenEvents.record(TENANT, ['mine'])
      expect(await at.other.seenEvents.known(TENANT, ['mine'])).toEqual(new Set(['mine']))
      await at.one.seenEvents.record(TENANT, [])
      expect(await at.one.seenEvents.known(TENANT, [])).toEqual(new Set())
    })
  })

  describe('noted events', () => {
    const at = useProcesses(home)
    const failedMail = async (identity: string, state = at.one) => {
      await at.database.written()
      return state.notedEvents.failedMail(identity)
    }
    const now = new Date()
    const today = now.toISOString().slice(0, 10)
    const event = (code: string, logId: string | null, change: Partial<NotedEvent> = {}): NotedEvent => ({
      code,
      identity: null,
      at: now.toISOString(),
      logId,
      ...change,
    })
    const counted = async (code: string, tenant = TENANT, state = at.two) => {
      await at.database.written()
      const all = await state.notedEvents.counts(new Date(Date.now() - 5 * DAY_MS))
      return all
        .filter((one) => one.code === code && one.tenant === tenant)
        .reduce((sum, { count }) => sum + count, 0)
    }

    it('are counted once each, though two deliveries bring the same at once', async () => {
      const events = Array.from({ length: 20 }, (_, index) => event('fv', `log-${index}`))
      await Promise.all([
        at.one.notedEvents.record(TENANT, events),
        at.two.notedEvents.record(TENANT, events.toReversed()),
      ])
      await at.one.notedEvents.record(TENANT, [...events, event('fv', 'log-new')])
      expect(await counted('fv')).toBe(21)
    })

    it('are counted whatever characters their ids have', async () => {
      const events = [event('odd', 'nul\0in it'), event('odd', 'beside it')]
      await at.one.notedEvents.record(TENANT, events)
      await at.two.notedEvents.record(TENANT, events)
      expect(await counted('odd')).toBe(2)
    })

    it('are all counted where they have no id, or only the same code', async () => {
      await at.one.notedEvents.record(TENANT, [event('fn', null), event('fn', null)])
      await Promise.all([
        at.one.notedEvents.record(TENANT, [event('fn', 'a')]),
        at.two.notedEvents.record(TENANT, [event('fn', 'b')]),
      ])
      expect(await counted('fn')).toBe(4)
    })

    it('are all counted where two deliveries bring the first of a day at once', async () => {
      for (let round = 0; round < 10; round += 1) {
        const code = `first-${round}`
        await Promise.all([
          at.one.notedEvents.record(TENANT, [event(code, 'a'), event(code, 'b')]),
          at.two.notedEvents.record(TENANT, [event(code, 'c'), event(code, 'b')]),
        ])
        expect(await counted(code)).toBe(3)
      }
    })

    it('are counted by tenant, code and day, the newest day first', async () => {
      const yesterday = new Date(now.getTime() - DAY_MS)
      await at.one.notedEvents.record('days', [
        event('x', '1', { at: yesterday.toISOString() }),
        event('x', '2'),
        event('$y', '3'),
        event('x', '4', { at: new Date(now.getTime() - 10 * DAY_MS).toISOString() }),
      ])
      await at.database.written()
      const found = await at.two.notedEvents.counts(yesterday)
      expect(found.filter(({ tenant }) => tenant === 'days')).toEqual([
        { tenant: 'days', day: today, code: '$y', count: 1 },
        { tenant: 'days', day: today, code: 'x', count: 1 },
        { tenant: 'days', day: yesterday.toISOString().slice(0, 10), code: 'x', count: 1 },
      ])
    })

    it('without a plausible date are counted on the day of their arrival', async () => {
      const dates = [null, 'not a date', '0001-01-01T00:00:00.000Z', '9999-01-01T00:00:00.000Z']
      const events = dates.map((date, index) => event('dateless', `d${index}`, { at: date }))
      await at.one.notedEvents.record(TENANT, events)
      expect(await counted('dateless')).toBe(4)
    })

    it('say when a person’s mail last failed, in whatever order they arrive', async () => {
      const times = [2, 3, 1].map((hours) => new Date(now.getTime() - hours * 60_000).toISOString())
      for (const identity of ODD_IDS) {
        for (const [index, time] of times.entries())
          await (index === 1 ? at.two : at.one).notedEvents.record(TENANT, [
            event(`c${index}`, `${identity}/${index}`, { identity, at: time }),
          ])
        expect(await failedMail(identity)).toEqual({ code: 'c2', at: times[2] })
      }
      expect(await failedMail('auth0|nobody')).toBeNull()
    })

    it('of a person are the newest of those that two deliveries bring at once', async () => {
      const at2 = new Date(now.getTime() - 1_000).toISOString()
      for (let round = 0; round < 10; round += 1) {
        const identity = `auth0|race-${round}`
        await Promise.all([
          at.one.notedEvents.record(TENANT, [event('new', `n${round}`, { identity })]),
          at.two.notedEvents.record(TENANT, [event('old', `o${round}`, { identity, at: at2 })]),
        ])
        expect(await failedMail(identity)).toMatchObject({ code: 'new' })
      }
    })

    it('are those of one system', async () => {
      const identity = 'auth0|both'
      await at.one.notedEvents.record('both', [event('z', 'z1', { identity })])
      expect(await counted('z', 'both', at.other)).toBe(0)
      expect(await failedMail(identity, at.other)).toBeNull()
      await at.other.notedEvents.record('both', [event('z', 'z1', { identity })])
      expect([await counted('z', 'both'), await counted('z', 'both', at.other)]).toEqual([1, 1])
    })
  })
}
