import { describe, expect, it } from 'vitest'
import type { ProblemName } from '../../../src/contracts/problems.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { createEventCounter } from '../../../src/state/lib/event-counter.ts'
import type { CountedEvent, Total } from '../../../src/state/ports/totals.ts'
import { DAY_MS, HOUR_MS, useProcesses, type Home } from './home.ts'
import { ODD_IDS } from './odd-texts.ts'

/** The beginning of the present hour, some hours ago. */
const hourAgo = (hours: number): Date => new Date((Math.floor(Date.now() / HOUR_MS) - hours) * HOUR_MS)
const after = (hour: Date, minutes: number): Date => new Date(hour.getTime() + minutes * 60_000)
const dayOf = (at: Date): Date => new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS)

export function totalsContract(home: Home): void {
  describe('totals', () => {
    const at = useProcesses(home)
    const event = (
      key: string,
      id: string,
      when: Date,
      name: CountedEvent['name'] = 'signups',
    ): CountedEvent => ({
      name,
      key,
      id,
      at: when,
    })
    const list = (by: 'hour' | 'day', from: Date, to: Date, state = at.two) =>
      state.totals.list(by, { from, to })
    const shown = (totals: readonly Total[]): string[] =>
      totals.map(({ name, key, at: time, count }) => `${time.slice(0, 13)} ${name} ${key} ${count}`)
    const line = (hour: Date, text: string): string => `${hour.toISOString().slice(0, 13)} ${text}`
    const countOf = async (key: string): Promise<number> =>
      (await list('hour', hourAgo(5), after(hourAgo(-1), 0)))
        .filter((total) => total.key === key)
        .reduce((sum, { count }) => sum + count, 0)

    it('count each event once, though two processes report the same at once', async () => {
      const now = hourAgo(0)
      const events = Array.from({ length: 60 }, (_, n) => event('completed', `once-${n}`, now))
      await Promise.all([
        at.one.totals.count(events.slice(0, 40)),
        at.two.totals.count(events.slice(20).toReversed()),
        at.one.totals.count([...events.slice(0, 3), ...events.slice(0, 3)]),
      ])
      await at.two.totals.count(events)
      await at.two.totals.count([])
      expect(await countOf('completed')).toBe(60)
    })

    it('miss no event, though two processes report different ones at once', async () => {
      for (let round = 0; round < 10; round += 1) {
        const ids = (from: number) =>
          Array.from({ length: 10 }, (_, n) => event(`round-${round}`, `${from + n}`, hourAgo(0)))
        await Promise.all([at.one.totals.count(ids(0)), at.two.totals.count(ids(10))])
        expect(await countOf(`round-${round}`)).toBe(20)
      }
    })

    it('recognise an event that is reported again later, and count the same id under another key or name', async () => {
      const when = after(hourAgo(1), 1)
      await at.one.totals.count([event('late', 'x', when)])
      await at.one.totals.count([event('another', 'y', hourAgo(0))])
      await at.two.totals.count([event('late', 'x', when)])
      await at.one.totals.count([event('late-too', 'x', when), event('late', 'x', when, 'blocked')])
      expect([await countOf('late'), await countOf('late-too')]).toEqual([2, 1])
    })

    it('are those of an hour or of a day, oldest first, in a period whose end is left out', async () => {
      const database = await home.create()
      try {
        const { totals } = await database.open(home.system)
        const today = dayOf(new Date(Date.now() - 3 * DAY_MS))
        const at5 = after(today, 5 * 60)
        const [at6, tomorrow] = [after(at5, 60), after(today, 24 * 60)]
        await totals.count([
          event('expired', 'a', after(at5, 0)),
          event('completed', 'b', after(at5, 59.9)),
          event('pds-unreachable', 'c', at5, 'blocked'),
          event('completed', 'd', at6),
          event('completed', 'e', tomorrow),
        ])
        const lines = async (by: 'hour' | 'day', from: Date, to: Date) =>
          shown(await totals.list(by, { from, to }))
        expect(await lines('hour', today, tomorrow)).toEqual([
          line(at5, 'blocked pds-unreachable 1'),
          line(at5, 'signups completed 1'),
          line(at5, 'signups expired 1'),
          line(at6, 'signups completed 1'),
        ])
        expect(await lines('day', today, after(tomorrow, 1))).toEqual([
          line(today, 'blocked pds-unreachable 1'),
          line(today, 'signups completed 2'),
          line(today, 'signups expired 1'),
          line(tomorrow, 'signups completed 1'),
        ])
        expect(await lines('hour', after(at5, 1), at6)).toEqual([])
        expect((await totals.list('day', { from: today, to: tomorrow }))[0]?.at).toBe(today.toISOString())
      } finally {
        await database.drop()
      }
    })

    it('have the gaps of the last audit in an hour, and in a day', async () => {
      const database = await home.create()
      try {
        const [one, two] = [await database.open(home.system), await database.open(home.system)]
        const today = dayOf(new Date(Date.now() - 3 * DAY_MS))
        const [at5, at6] = [after(today, 5 * 60), after(today, 6 * 60)]
        await one.totals.setGaps({ 'user-missing': 5, 'code-missing': 1 }, after(at5, 10))
        await two.totals.setGaps({ 'user-missing': 3, "it's.$odd": 2 }, after(at5, 20))
        await one.totals.setGaps({ 'user-missing': 9 }, after(at5, 15)) // an audit that took longer
        await one.totals.setGaps({ 'user-missing': 0 }, after(at6, 0))
        const lines = async (by: 'hour' | 'day') =>
          shown(await two.totals.list(by, { from: today, to: after(today, 24 * 60) }))
        expect(await lines('hour')).toEqual([
          line(at5, "gaps it's.$odd 2"),
          line(at5, 'gaps user-missing 3'),
          line(at6, 'gaps user-missing 0'),
        ])
        expect(await lines('day')).toEqual([line(today, 'gaps user-missing 0')])
        for (let round = 0; round < 5; round += 1) {
          const hour = after(today, (10 + round) * 60)
          await Promise.all([
            one.totals.setGaps({ later: 1 }, after(hour, 2)),
            two.totals.setGaps({ earlier: 1 }, after(hour, 1)),
          ])
          const found = await one.totals.list('hour', { from: hour, to: after(hour, 60) })
          expect(shown(found)).toEqual([line(hour, 'gaps later 1')])
        }
      } finally {
        await database.drop()
      }
    })

    it('kept by a counter while they cannot be written are written with the next, once', async () => {
      let isDown = true
      let tries = 0
      const { totals } = at.one
      const counter = createEventCounter({
        ...totals,
        async count(events) {
          tries += 1
          if (isDown) throw new OutsideError(home.unreachable, 'no answer')
          await totals.count(events)
        },
      })
      const now = hourAgo(0)
      await Promise.all(['a', 'b'].map((id) => counter.count([event('kept', id, now)])))
      const before = tries
      await counter.count([event(home.unreachable, 'c', now, 'blocked')])
      expect(tries).toBe(before) // the database has just not answered
      expect(await countOf('kept')).toBe(0)
      isDown = false
      await counter.count([event('kept', 'd', now)])
      await counter.count([event('kept', 'e', now)])
      expect([await countOf('kept'), await countOf(home.unreachable)]).toEqual([4, 1])
    })

    it('that a counter cannot write are reported once for each problem, and when some are lost', async () => {
      const reports: unknown[] = []
      let problem: ProblemName | null = home.denied
      const { totals } = at.one
      const counter = createEventCounter(
        {
          ...totals,
          async count(events) {
            if (problem !== null) throw new OutsideError(problem, 'refused')
            await totals.count(events)
          },
        },
        ({ error, ...kept }) => reports.push([error.problem, kept]),
      )
      const add = (count: number, key = 'reported') =>
        counter.count(Array.from({ length: count }, (_, n) => event(key, `${key}-${n}`, hourAgo(0))))
      await add(2)
      await add(1)
      expect(reports.splice(0)).toEqual([[home.denied, { waiting: 2, lost: 0 }]])
      problem = home.unreachable
      await add(1)
      await add(10_000, 'flood')
      await add(1)
      expect(reports.splice(0)).toEqual([
        [home.unreachable, { waiting: 4, lost: 0 }],
        [home.unreachable, { waiting: 10_000, lost: 4 }],
      ])
      problem = null
      await add(1, 'written')
      expect(reports).toEqual([])
      problem = home.denied
      await add(1)
      expect(reports).toEqual([[home.denied, { waiting: 1, lost: 0 }]])
    })

    it('may have any text as key and id, and are those of one system', async () => {
      const when = hourAgo(4)
      const events = ODD_IDS.map((text) => event(text, text, when, 'blocked'))
      await at.one.totals.count(events)
      await at.two.totals.count(events.toReversed())
      const found = await list('hour', when, after(when, 1))
      expect(new Map(found.map(({ key, count }) => [key, count]))).toEqual(
        new Map(ODD_IDS.map((text) => [text, 1])),
      )
      expect(await list('hour', when, after(when, 1), at.other)).toEqual([])
      await at.other.totals.count(events.slice(0, 1))
      await at.other.totals.setGaps({ theirs: 1 }, when)
      expect(await list('hour', when, after(when, 1), at.other)).toHaveLength(2)
      expect(await list('hour', when, after(when, 1))).toHaveLength(ODD_IDS.length)
    })
  })
}
