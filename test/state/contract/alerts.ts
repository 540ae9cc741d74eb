import { describe, expect, it } from 'vitest'
import { HOUR_MS, SECOND_MS, useProcesses, type Home } from './home.ts'
import type { AlertMessage, AlertName } from '../../../src/contracts/alerts.ts'
import type { AlertContent, Routing } from '../../../src/state/ports/alerts.ts'

const SINCE = '2026-01-02T03:04:05.000Z'

export const alertOf = (home: Home, key: string, change: Partial<AlertContent> = {}): AlertContent => ({
  name: 'no-worker',
  system: home.system,
  severity: 'critical',
  title: 'Critical: no-worker',
  sentence: 'No worker polls.',
  fix: 'Start one.',
  since: SINCE,
  count: 3,
  consequences: [],
  people: [],
  dedupKey: `holdfast/${home.system}/${key}`,
  ...change,
})

/** The caller sends by itself, or only logs. */
export const silent: Routing = () => []

const sent = (messages: readonly (AlertMessage | null)[]): AlertMessage[] =>
  messages.filter((message) => message !== null)

export function alertsContract(home: Home): void {
  describe('alerts', () => {
    const at = useProcesses(home)
    const close = (state: typeof at.one, names: AlertName[], still: string[] = []) =>
      state.alerts.closeMissing({ names, still, source: 'workers' }, silent)
    const keysOf = (messages: readonly AlertMessage[]): string[] => messages.map(({ dedupKey }) => dedupKey)

    it('two processes that open one alert at once send one message', async () => {
      for (let round = 0; round < 10; round += 1) {
        const alert = alertOf(home, `both-${round}`)
        const answers = await Promise.all([
          at.one.alerts.record(alert, silent, 'workers'),
          at.two.alerts.record(alert, silent, 'workers'),
        ])
        expect(sent(answers)).toEqual([{ ...alert, state: 'opened' }])
      }
      expect((await at.one.alerts.list()).filter(({ open }) => open)).toHaveLength(10)
    })

    it('two processes that close one alert at once send one message', async () => {
      for (let round = 0; round < 10; round += 1) {
        const alert = alertOf(home, `closed-${round}`, { name: 'pds-unreachable' })
        await at.one.alerts.record(alert, silent, 'workers')
        const answers = await Promise.all([
          close(at.one, ['pds-unreachable']),
          close(at.two, ['pds-unreachable']),
        ])
        expect(answers.flat()).toEqual([{ ...alert, state: 'closed' }])
      }
      expect(await close(at.one, ['pds-unreachable'])).toEqual([])
    })

    it('closes no alert of another name, none that still exists, and none of another system', async () => {
      const keys = ['$a', "it's", 'c/é'].map((key) => `holdfast/${home.system}/${key}`)
      const [first = '', second = '', third = ''] = keys
      for (const dedupKey of [first, second])
        await at.one.alerts.record(alertOf(home, '', { name: 'pds-refused', dedupKey }), silent, 'workers')
      await at.one.alerts.record(
        alertOf(home, '', { name: 'unexpected', dedupKey: third }),
        silent,
        'workers',
      )
      await at.other.alerts.record(
        alertOf(home, '', { name: 'pds-refused', system: home.otherSystem, dedupKey: 'theirs' }),
        silent,
        'workers',
      )
      expect(keysOf(await close(at.two, ['pds-refused'], [second]))).toEqual([first])
      expect(await at.one.alerts.isOpen('unexpected')).toBe(true)
      expect(await at.other.alerts.isOpen('pds-refused')).toBe(true)
      expect(await at.other.alerts.isOpen('unexpected')).toBe(false)
      expect((await at.other.alerts.list()).map(({ dedupKey }) => dedupKey)).toEqual(['theirs'])
    })

    it('an open alert shows its latest figures and its first start, and sends nothing more', async () => {
      const alert = alertOf(home, 'changes', { name: 'signups-stalled' })
      await at.one.alerts.record(alert, silent, 'workers')
      const later = {
        ...alert,
        sentence: 'Worse.',
        fix: 'Hurry.',
        count: 9,
        since: '2026-02-02T00:00:00.000Z',
      }
      expect(await at.two.alerts.record(later, silent, 'workers')).toBeNull()
      const shown = (await at.one.alerts.list()).find(({ dedupKey }) => dedupKey === alert.dedupKey)
      expect(shown).toMatchObject({ sentence: 'Worse.', fix: 'Hurry.', count: 9, since: SINCE, open: true })
    })

    it('an alert that stays open is sent again after six hours, by one process', async () => {
      const alert = alertOf(home, 'stays')
      await at.one.alerts.record(alert, silent, 'workers')
      await at.database.age(5 * HOUR_MS)
      expect(await at.one.alerts.record(alert, silent, 'workers')).toBeNull()
      await at.database.age(1.1 * HOUR_MS)
      const [shown] = (await at.one.alerts.list()).filter(({ dedupKey }) => dedupKey === alert.dedupKey)
      const again = await Promise.all(
        [at.one, at.two, at.one, at.two].map(({ alerts }) => alerts.record(alert, silent, 'workers')),
      )
      expect(sent(again)).toEqual([{ ...alert, since: shown?.since, state: 'repeated' }])
      expect(await at.two.alerts.record(alert, silent, 'workers')).toBeNull()
    })

    it('an alert whose severity rises is sent at once, by one process, and keeps its first start', async () => {
      const alert = alertOf(home, 'rises', { severity: 'warning' })
      await at.one.alerts.record(alert, silent, 'workers')
      const high = { ...alert, severity: 'high', title: 'High' } as const
      const answers = await Promise.all(
        [at.one, at.two].map(({ alerts }) => alerts.record(high, silent, 'workers')),
      )
      expect(sent(answers)).toEqual([{ ...high, state: 'raised' }])
      expect(await at.two.alerts.record(high, silent, 'workers')).toBeNull()
      const since = await at.two.alerts.openSinceOf([alert.dedupKey, 'another'])
      expect([...since]).toEqual([[alert.dedupKey, SINCE]])
      const shown = (await at.one.alerts.list()).find(({ dedupKey }) => dedupKey === alert.dedupKey)
      expect(shown).toMatchObject({ severity: 'high', title: 'High' })
    })

    it('shows who and what else an alert concerns', async () => {
      const alert = alertOf(home, 'people', { people: ['a1', 'b2'], consequences: ['no-worker: None.'] })
      await at.one.alerts.record(alert, silent, 'workers')
      const changed = { ...alert, people: ['c3'], consequences: [] }
      await at.two.alerts.record(changed, silent, 'workers')
      const shown = (await at.one.alerts.list()).find(({ dedupKey }) => dedupKey === alert.dedupKey)
      expect(shown).toMatchObject({ people: ['c3'], consequences: [] })
    })

    it('keeps the people and consequences that the workers found where a server knows none', async () => {
      const known = { people: ['a1', 'b2'], consequences: ['no-worker: None.'] }
      const alert = alertOf(home, 'unknown-people', { ...known, severity: 'high' })
      const unknown = { ...alert, people: [], consequences: [] }
      const stored = async () =>
        (await at.one.alerts.list()).find(({ dedupKey }) => dedupKey === alert.dedupKey)
      await at.one.alerts.record(alert, silent, 'workers')
      await at.two.alerts.record(unknown, silent, 'server-a')
      expect(await stored()).toMatchObject(known)
      const raised = await at.two.alerts.record({ ...unknown, severity: 'critical' }, silent, 'server-a')
      expect(raised).toMatchObject({ ...known, state: 'raised' })
      await at.two.alerts.record({ ...unknown, people: ['c3'] }, silent, 'server-a')
      expect(await stored()).toMatchObject({ ...known, people: ['c3'] })
      await at.one.alerts.record(unknown, silent, 'workers')
      expect(await stored()).toMatchObject({ people: [], consequences: [] })
    })

    it('stays closed for a process that looked before it was closed, and opens again for one that looks later', async () => {
      const alert = alertOf(home, 'closed-since', { name: 'mongo-denied' })
      await at.one.alerts.record(alert, silent, 'workers')
      const lookedAt = new Date(Date.now() - SECOND_MS)
      await close(at.two, ['mongo-denied'])
      expect(await at.one.alerts.record(alert, silent, 'workers', lookedAt)).toBeNull()
      expect(await at.one.alerts.isOpen('mongo-denied')).toBe(false)
      const later = new Date(Date.now() + SECOND_MS)
      expect(await at.one.alerts.record(alert, silent, 'workers', later)).toMatchObject({ state: 'opened' })
      expect(await close(at.one, ['mongo-denied'])).toHaveLength(1)
      expect(await at.one.alerts.record(alert, silent, 'workers')).toMatchObject({ state: 'opened' })
    })

    it('is not closed by one source while another has found its cause recently', async () => {
      const alert = alertOf(home, 'two-sources', { name: 'pds-failing' })
      await at.one.alerts.record(alert, silent, 'workers')
      await at.two.alerts.record(alert, silent, 'server-a')
      expect(await close(at.one, ['pds-failing'])).toEqual([])
      expect(await at.one.alerts.isOpen('pds-failing')).toBe(true)
      await at.database.age(40 * SECOND_MS) // a server checks every ten seconds
      expect(keysOf(await close(at.one, ['pds-failing']))).toEqual([alert.dedupKey])
    })

    it('is closed once when both of its sources find it gone at the same time', async () => {
      for (let round = 0; round < 10; round += 1) {
        const alert = alertOf(home, `both-gone-${round}`, { name: 'auth0-denied' })
        await at.one.alerts.record(alert, silent, 'workers')
        await at.two.alerts.record(alert, silent, 'server-b')
        const closing = { names: ['auth0-denied'] satisfies AlertName[], still: [] }
        const answers = await Promise.all([
          at.one.alerts.closeMissing({ ...closing, source: 'workers' }, silent),
          at.two.alerts.closeMissing({ ...closing, source: 'server-b' }, silent),
        ])
        expect(keysOf(answers.flat())).toEqual([alert.dedupKey])
      }
    })

    it('an alert that was sent during an outage is stored open, unless it was closed since', async () => {
      const alert = alertOf(home, 'outage', { name: 'mongo-refused' })
      const sentAt = new Date(Date.now() - SECOND_MS)
      await at.one.alerts.storeSent(alert, sentAt, silent)
      expect(await at.two.alerts.isOpen('mongo-refused')).toBe(true)
      expect(await at.two.alerts.openSince('mongo-refused')).toBe(SINCE)
      expect(await at.two.alerts.record(alert, silent, 'workers')).toBeNull()
      await close(at.two, ['mongo-refused'])
      await at.one.alerts.storeSent(alert, sentAt, silent)
      expect(await at.two.alerts.isOpen('mongo-refused')).toBe(false)
    })

    it('knows the earliest start of the open alerts of a name', async () => {
      const since = ['2026-01-05T00:00:00.000Z', '2026-01-03T00:00:00.000Z', '2026-01-04T00:00:00.000Z']
      expect(await at.one.alerts.openSince('check-failed' as AlertName)).toBeNull()
      for (const [index, start] of since.entries())
        await at.one.alerts.record(
          alertOf(home, `start-${index}`, { name: 'check-failed' as AlertName, since: start }),
          silent,
          'workers',
        )
      expect(await at.two.alerts.openSince('check-failed' as AlertName)).toBe(since[1])
    })

    it('lists open alerts first, then closed ones, the newest first', async () => {
      const database = await home.create()
      try {
        const { alerts } = await database.open(home.system)
        for (const key of ['first', 'second', 'third', 'fourth']) {
          await database.age(SECOND_MS)
          const name: AlertName = key === 'third' ? 'pds-refused' : 'no-worker'
          await alerts.record(alertOf(home, key, { name }), silent, 'workers')
        }
        await alerts.closeMissing({ names: ['pds-refused'], still: [], source: 'workers' }, silent)
        const listed = (await alerts.list()).map(({ dedupKey, open, closedAt }) => [
          dedupKey.split('/').at(-1),
          open,
          closedAt === null,
        ])
        expect(listed).toEqual([
          ['fourth', true, true],
          ['second', true, true],
          ['first', true, true],
          ['third', false, false],
        ])
      } finally {
        await database.drop()
      }
    })
  })
}
