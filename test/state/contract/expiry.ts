import { describe, expect, it } from 'vitest'
import { collectAll } from '../../../src/cli/lib/collect-all.ts'
import { eventually } from '../../support/eventually.ts'
import type { State } from '../../../src/state/ports.ts'
import { resultOf } from './audits.ts'
import { DAY_MS, useProcesses, type Home } from './home.ts'
import { hash, ringOf } from './quarantine.ts'

interface Kept {
  readonly days: number
  write(state: State, key: string): Promise<unknown>
  /** Whether it is still there. */
  has(state: State, key: string): Promise<boolean>
}

const limits = (state: State, deletions: number) =>
  state.safetyLimits({ deletions, repairs: null }, async () => 0)
const quarantine = (state: State) => state.quarantine({ keyring: ringOf('k1'), hash, keepDays: 10 })

export function expiryContract(home: Home): void {
  const STORES: Readonly<Record<string, Kept>> = {
    'the marks of an audit': {
      days: 1,
      write: ({ marks }, key) => marks.add(key, 'code', ['x']),
      has: async ({ marks }, key) => (await marks.find(key, 'code', () => ['x'])).size > 0,
    },
    'reports of workers': {
      days: 1,
      write: ({ workers }, identity) =>
        workers.report(
          { identity, host: 'h', pid: 1, build: 'b', startedAt: new Date(), settings: {} },
          true,
        ),
      has: async ({ workers }, key) => (await workers.list()).some(({ identity }) => identity === key),
    },
    'seen events': {
      days: 7,
      write: ({ seenEvents }, key) => seenEvents.record('t', [key]),
      has: async ({ seenEvents }, key) => (await seenEvents.known('t', [key])).size > 0,
    },
    'held actions': {
      days: 7,
      write: (state, key) => limits(state, 0).admit('deletions', key),
      has: async ({ heldActions }, key) => (await heldActions.heldSince('deletions', key)) !== null,
    },
    'admitted actions': {
      days: 1,
      write: ({ heldActions }, key) => heldActions.allow('deletions', [key]),
      // Another request is one of a new hour without places, and holds the person.
      has: async (state, key) => (await limits(state, 0).admit('deletions', key)).admitted,
    },
    'quarantined entries': {
      days: 10,
      write: (state, content) => quarantine(state).store([{ tenant: 't', reason: content, content }]),
      has: async (state, key) => (await quarantine(state).list(99)).some(({ reason }) => reason === key),
    },
    'failed mails': {
      days: 30,
      write: ({ notedEvents }, identity) =>
        notedEvents.record('t', [{ code: 'fv', identity, at: null, logId: null }]),
      has: async ({ notedEvents }, identity) => (await notedEvents.failedMail(identity)) !== null,
    },
    findings: {
      days: 30,
      write: ({ findings }, key) =>
        findings.add(key, [
          {
            system: home.system,
            identity: 'x',
            tenant: 't',
            kind: 'user-missing',
            since: null,
            evidence: {},
            repair: null,
          },
        ]),
      has: async ({ findings }, key) => (await findings.first(key, 1)).length > 0,
    },
    'the results of audits': {
      days: 30,
      write: async ({ findings }, key) => {
        await findings.saveResult(resultOf(home.system, key))
        await findings.addPeople(key, [{ identity: 'x', tenant: 't', state: 'healthy' }])
      },
      has: async ({ findings }, key) => (await findings.loadResult(key)) !== null,
    },
    'the people of audits': {
      days: 30,
      write: ({ findings }, key) =>
        findings.addPeople(key, [{ identity: 'x', tenant: 't', state: 'healthy' }]),
      has: async ({ findings }, key) => (await collectAll(findings.iteratePeople(key))).length > 0,
    },
    plans: {
      days: 30,
      write: ({ plans }, planId) =>
        plans.save({
          planId,
          audit: 'a',
          scope: { tenant: null, last: null, since: null, id: null },
          population: 1,
          digest: '',
          people: 0,
          byDatabase: 0,
          skipped: 0,
        }),
      has: async ({ plans }, planId) => (await plans.load(planId)) !== null,
    },
    totals: {
      days: 400,
      write: async ({ totals }, key) => {
        await totals.count([{ name: 'signups', key, id: key, at: new Date() }])
        await totals.setGaps({ [key]: 1 }, new Date())
      },
      has: async ({ totals }, key) => {
        const all = await totals.list('day', { from: new Date(0), to: new Date(Date.now() + DAY_MS) })
        return all.some((total) => total.key === key)
      },
    },
    'deletions from before the installation': {
      days: 90,
      write: ({ oldDeletions }, identity) =>
        oldDeletions.record({ identity, tenant: 't', deletedAt: new Date() }),
      has: async ({ oldDeletions }, key) =>
        (await oldDeletions.list('t')).some(({ identity }) => identity === key),
    },
  }

  describe('data that expire', () => {
    const at = useProcesses(home)

    it.each(Object.entries(STORES))('%s are kept until their time is over, then gone', async (_, store) => {
      await store.write(at.one, 'old')
      await at.database.age((store.days - 0.1) * DAY_MS)
      await at.database.written()
      expect(await store.has(at.two, 'old')).toBe(true)
      await store.write(at.one, 'old-too')
      await at.database.age(0.2 * DAY_MS)
      await store.write(at.two, 'new')
      await eventually('its end', async () => !(await store.has(at.two, 'old')), 90_000)
      expect(await store.has(at.one, 'old-too')).toBe(true)
      await at.database.written()
      expect(await store.has(at.one, 'new')).toBe(true)
    })
  })
}
