import type { AuditScope } from '../src/contracts/audit.ts'
import type { Finding } from '../src/contracts/gaps.ts'
import { collectAll } from '../src/cli/lib/collect-all.ts'
import type { Keyring } from '../src/crypto/keyring.ts'
import type { State } from '../src/state/ports.ts'

export interface Operation {
  /** Stores what the operation reads. */
  prepare?(): Promise<unknown>
  /** `id` differs for each call. */
  run(id: string): Promise<unknown>
}

const TENANT = 'aesthetic'
const BATCH = 100
const NOW = new Date()
const EVERYBODY: AuditScope = { tenant: null, last: null, since: null, id: null }
const many = <T>(make: (n: number) => T): T[] => Array.from({ length: BATCH }, (_, n) => make(n))

/** The operations of the stores, those that a signup needs most often first; a batch has a hundred entries. */
export function operationsOf(
  state: State,
  { keyring, hash }: { keyring: Keyring; hash: (value: string) => string },
): Readonly<Record<string, Operation>> {
  const history = state.stepHistory('bench')
  const tombstones = state.tombstones(hash)
  const quarantine = state.quarantine({ keyring, hash, keepDays: 1, quota: { entries: 1e9, bytes: 1e12 } })
  const limits = state.safetyLimits({ deletions: 1_000_000, repairs: 1_000_000 }, async () => 0)
  const finding = (identity: string): Finding => ({
    system: 'medusa',
    identity,
    tenant: TENANT,
    kind: 'user-missing',
    since: null,
    evidence: { store: 'users' },
    repair: 'database',
  })
  const alert = (dedupKey: string) => ({
    name: 'no-worker' as const,
    system: 'medusa',
    severity: 'critical' as const,
    title: 'Critical: no-worker in medusa',
    sentence: 'No worker polls.',
    fix: 'Start one.',
    since: NOW.toISOString(),
    count: 1,
    consequences: [],
    people: [],
    dedupKey,
  })
  let place: Promise<string | null> = Promise.resolve(null)

  return {
    'seenEvents.known, 100 ids': {
      prepare: () => state.seenEvents.record(TENANT, many(String)),
      run: () => state.seenEvents.known(TENANT, many(String)),
    },
    'seenEvents.record, 100 ids': {
      run: (id) =>
        state.seenEvents.record(
          TENANT,
          many((n) => `${id}/${n}`),
        ),
    },
    'notedEvents.record, 1 event': {
      run: (id) =>
        state.notedEvents.record(TENANT, [{ code: 'fv', identity: null, at: NOW.toISOString(), logId: id }]),
    },
    'stepHistory.record': {
      run: (id) => history.record(id, [{ step: 'recording', outcome: 'done' }]),
    },
    'stepHistory.recordFailure, repeated': {
      run: () => history.recordFailure('blocked', 'recording', 'unexpected'),
    },
    'totals.count, 1 event': {
      run: (id) => state.totals.count([{ name: 'signups', key: 'completed', id, at: NOW }]),
    },
    'totals.list, a day by the hour': {
      run: () =>
        state.totals.list('hour', {
          from: new Date(NOW.getTime() - 86_400_000),
          to: new Date(Date.now() + 1),
        }),
    },
    'tombstones.find': { run: (id) => tombstones.find(id) },
    'tombstones.set and finish': {
      async run(id) {
        await tombstones.set(id, NOW)
        await tombstones.finish(id, { users: 1 })
      },
    },
    'switches.pauseOf': { run: () => state.switches.pauseOf() },
    'cursors.advance': {
      // One reader advances: the calls wait for each other.
      run: (id) =>
        (place = place.then(async (from) => {
          await state.cursors.advance(TENANT, 'log', { from, to: id, lastEventAt: NOW })
          return id
        })),
    },
    'cursors.load': { run: () => state.cursors.load(TENANT) },
    'safetyLimits.admit': { run: (id) => limits.admit('deletions', id) },
    'heldActions.countHeld': { run: () => state.heldActions.countHeld('deletions') },
    'alerts.record, opened': { run: (id) => state.alerts.record(alert(id), () => [], 'workers') },
    'alerts.record, still open': {
      prepare: () => state.alerts.record(alert('open'), () => [], 'workers'),
      run: () => state.alerts.record(alert('open'), () => [], 'workers'),
    },
    'workers.report': {
      run: () =>
        state.workers.report(
          { identity: '1@bench', host: 'bench', pid: 1, build: 'bench', startedAt: NOW, settings: {} },
          false,
        ),
    },
    'actions.begin and end': {
      async run(id) {
        const by = { name: 'ana', verified: true, via: 'command' } as const
        const action = { system: 'medusa', name: 'why', kind: 'show', scope: null, reason: null, by } as const
        const begun = await state.actions.begin({ ...action, subjects: [id] })
        await state.actions.end(begun, { outcome: 'shown', keyIds: [], count: 1, error: null })
      },
    },
    'quarantine.store, 1 entry': {
      run: (content) => quarantine.store([{ tenant: TENANT, reason: 'no type', content }]),
    },
    'findings.add, 100': {
      run: (id) =>
        state.findings.add(
          id,
          many((n) => finding(`auth0|${n}`)),
        ),
    },
    'findings.peopleToRepair, 100 of 1,000': {
      async prepare() {
        for (let page = 0; page < 10; page += 1)
          await state.findings.add(
            'thousand',
            many((n) => finding(`auth0|${page}-${n}`)),
          )
      },
      run: () => state.findings.peopleToRepair('thousand', 'database', 'auth0|5', 100),
    },
    'findings.iterate, 1,000': { run: () => collectAll(state.findings.iterate('thousand')) },
    'findings.affected, of 1,000': { run: () => state.findings.affected('thousand', ['user-missing']) },
    'marks.add, 100': { run: (id) => state.marks.add(id, 'running', many(String)) },
    'marks.find, 100': {
      prepare: () => state.marks.add('marked', 'running', many(String)),
      run: () => state.marks.find('marked', 'running', () => many(String)),
    },
    'plans.save': {
      run: (planId) =>
        state.plans.save({
          planId,
          audit: 'thousand',
          scope: EVERYBODY,
          population: 1,
          digest: '',
          people: 1,
          byDatabase: 1,
          skipped: 0,
        }),
    },
    'ignored.list': { run: () => state.ignored.list() },
    'oldDeletions.record': {
      run: (identity) => state.oldDeletions.record({ identity, tenant: TENANT, deletedAt: NOW }),
    },
  }
}
