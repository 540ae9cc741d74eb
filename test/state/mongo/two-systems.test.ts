import { randomUUID } from 'node:crypto'
import type { Db } from 'mongodb'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AuditResult } from '../../../src/contracts/audit.ts'
import type { System } from '../../../src/contracts/systems.ts'
import { createActionLog } from '../../../src/state/mongo/actions.ts'
import { createAlertStore } from '../../../src/state/mongo/alerts.ts'
import { createAuditFindings } from '../../../src/state/mongo/audit/findings.ts'
import { createPlans } from '../../../src/state/mongo/audit/plans.ts'
import { createCursors } from '../../../src/state/mongo/cursors.ts'
import { createNotedEvents } from '../../../src/state/mongo/events/noted-events.ts'
import { createSeenEvents } from '../../../src/state/mongo/events/seen-events.ts'
import { createIgnored } from '../../../src/state/mongo/ignored.ts'
import { createOldDeletions } from '../../../src/state/mongo/old-deletions.ts'
import { createAtprotoRecords } from '../../../src/state/mongo/atproto/person-records.ts'
import { createPersonalData } from '../../../src/state/mongo/personal-data.ts'
import { createQuarantine } from '../../../src/state/mongo/quarantine/quarantine.ts'
import { quarantineSummary } from '../../../src/state/mongo/quarantine/summary.ts'
import { createSafetyLimits } from '../../../src/state/mongo/safety-limits.ts'
import { createStepHistory } from '../../../src/state/mongo/step-history.ts'
import { createSwitches } from '../../../src/state/mongo/switches.ts'
import { createTombstones } from '../../../src/state/mongo/tombstones.ts'
import { createWorkerReports } from '../../../src/state/mongo/workers.ts'
import { openWorld, type World } from '../../support/world.ts'
import type { PersonRecords } from '../../../src/state/ports/personal-data.ts'

const [ONE, OTHER] = ['atproto', 'medusa'] as const satisfies System[]
const tenant = 'aesthetic'
const hash = (value: string): string => `hash of ${value}`

/** Of a system that keeps its records elsewhere. */
const NO_RECORDS: PersonRecords = {
  erase: async () => ({}),
  count: async () => ({}),
  read: async () => ({}),
  namedPeople: async () => ({ people: [], next: null }),
  hasRecords: async () => false,
  mentionsOf: async () => [],
}

const personalDataOf = (system: System) =>
  createPersonalData(db, system, {
    keyring: world.keyring,
    hash,
    records: system === ONE ? createAtprotoRecords(db) : NO_RECORDS,
  })

let world: World
let db: Db
let identity: string
beforeAll(async () => {
  world = await openWorld()
  db = world.db
  identity = `auth0|${randomUUID()}`
})

describe('two systems in one database, each with a person of the same identity', () => {
  it('have a tombstone each', async () => {
    const [one, other] = [createTombstones(db, ONE, hash), createTombstones(db, OTHER, hash)]
    const at = new Date('2026-01-02T03:04:05.000Z')
    await one.set(identity, at)
    await one.finish(identity, { users: 1 }, { leftTo: [hash('holder')] })
    expect(await other.find(identity)).toBeNull()
    expect(await other.findAll([identity])).toEqual(new Map())
    expect([await one.countSince(at), await other.countSince(at)]).toEqual([1, 0])

    await other.set(identity, new Date(at.getTime() + 1))
    await other.set('holder', at)
    await other.finish('holder', {})
    expect([await one.countAccountsLeft(), await other.countAccountsLeft()]).toEqual([1, 0])
    await other.finish(identity, { orders: 2 }, { leftTo: [hash('holder'), hash('another')] })
    expect(await other.countAccountsLeft()).toBe(1)
    expect(await one.find(identity)).toMatchObject({ at, erased: { users: 1 } })
    const theirs = await other.find(identity)
    expect(theirs).toMatchObject({ erased: { orders: 2 } })
    if (theirs !== null) await other.lift(identity, theirs)
    expect(await other.find(identity)).toBeNull()
    expect(await one.find(identity)).not.toBeNull()
  })

  it('are ignored each by themselves', async () => {
    const [one, other] = [createIgnored(db, ONE), createIgnored(db, OTHER)]
    const until = new Date(Date.now() + 3_600_000)
    await one.add({ tenant, identity, until, reason: 'of the one' })
    expect(await other.list()).toEqual([])
    await other.add({ tenant, identity, until, reason: 'of the other' })
    expect(await one.list()).toMatchObject([{ identity, reason: 'of the one' }])
    expect(await other.drop(identity)).toBe(true)
    expect(await other.drop(identity)).toBe(false)
    expect(await one.list()).toMatchObject([{ identity }])
  })

  it('have a history each', async () => {
    const [one, other] = [createStepHistory(db, ONE, 'a'), createStepHistory(db, OTHER, 'b')]
    await one.record(identity, [{ step: 'recording', outcome: 'done' }])
    expect(await other.load(identity)).toEqual([])
    await other.record(identity, [{ step: 'creating-code', outcome: 'done' }])
    expect(await one.load(identity)).toMatchObject([{ step: 'recording', build: 'a' }])
    expect(await one.lastSuccesses()).toMatchObject([{ step: 'recording', build: 'a' }])
    expect(await other.lastSuccesses()).toMatchObject([{ step: 'creating-code', build: 'b' }])
  })

  it('count and recognise their own events', async () => {
    const [one, other] = [createSeenEvents(db, ONE), createSeenEvents(db, OTHER)]
    await one.record(tenant, ['e1'])
    expect(await other.known(tenant, ['e1'])).toEqual(new Set())
    await other.record(tenant, ['e1'])
    expect(await other.known(tenant, ['e1'])).toEqual(new Set(['e1']))

    const [noted, others] = [createNotedEvents(db, ONE), createNotedEvents(db, OTHER)]
    const event = { code: 'fv', identity, at: null, logId: 'n1' }
    await noted.record(tenant, [event])
    const today = new Date(Date.now() - 86_400_000)
    expect(await others.counts(today)).toEqual([])
    expect(await others.failedMail(identity)).toBeNull()
    await others.record(tenant, [event])
    expect(await noted.counts(today)).toMatchObject([{ count: 1 }])
    expect(await others.counts(today)).toMatchObject([{ count: 1 }])
  })

  it('are read each from their own place', async () => {
    const [one, other] = [createCursors(db, ONE), createCursors(db, OTHER)]
    await one.servedSince(tenant)
    expect(await one.advance(tenant, 'log', { from: null, to: 'a', lastEventAt: null, caughtUp: true })).toBe(
      true,
    )
    expect(await other.place(tenant, 'log')).toBeNull()
    expect(await other.load(tenant)).toMatchObject({ caughtUpAt: null, readAt: null })
    expect(await other.advance(tenant, 'log', { from: null, to: 'b' })).toBe(true)
    expect(await other.advance(tenant, 'log', { from: null, to: 'c' })).toBe(false)
    expect([await one.place(tenant, 'log'), await other.place(tenant, 'log')]).toEqual(['a', 'b'])
    await other.recordGap(tenant, { from: new Date(0), to: new Date(1) })
    expect(await one.closeGap(tenant)).toBe(false)
    expect(await one.place(tenant, 'created')).toBeNull()
  })

  it('keep deletions from before the installation apart', async () => {
    const [one, other] = [createOldDeletions(db, ONE), createOldDeletions(db, OTHER)]
    const deletedAt = new Date('2025-01-01T00:00:00.000Z')
    await one.record({ identity, tenant, deletedAt })
    expect([await one.count(tenant), await other.count(tenant)]).toEqual([1, 0])
    await other.record({ identity, tenant, deletedAt })
    await other.remove(identity)
    expect(await one.list(tenant)).toEqual([{ identity, tenant, deletedAt }])
    expect(await other.list(tenant)).toEqual([])
  })

  it('have a report each of one process that serves both', async () => {
    const [one, other] = [createWorkerReports(db, ONE), createWorkerReports(db, OTHER)]
    const worker = {
      identity: '1@host',
      host: 'host',
      pid: 1,
      build: 'a',
      startedAt: new Date(),
      settings: {},
    }
    await one.report(worker, false)
    await other.report(worker, true)
    expect(await one.list()).toMatchObject([{ identity: '1@host', stopped: false }])
    expect(await other.list()).toMatchObject([{ identity: '1@host', stopped: true }])
  })

  it('have a safety limit each, computed from their own people', async () => {
    const limits = { deletions: null, repairs: 1 }
    const one = createSafetyLimits(db, ONE, limits, async () => 1_000_000)
    const other = createSafetyLimits(db, OTHER, limits, async () => 0)
    expect(await one.admit('repairs', 'p1')).toMatchObject({ admitted: true })
    expect(await one.admit('repairs', 'p2')).toMatchObject({ admitted: false })
    expect(await other.countHeld('repairs')).toMatchObject({ count: 0 })
    expect(await other.admit('repairs', 'p2')).toMatchObject({ admitted: true })
    expect(await other.release('repairs')).toBe(0)
    expect(await one.countHeld('repairs')).toMatchObject({ count: 1 })

    const many = Array.from({ length: 200 }, (_, index) => `p${index}`)
    await one.admitAll('deletions', many, 'a test')
    await other.admitAll('deletions', many, 'a test')
    expect(await one.countHeld('deletions')).toMatchObject({ count: 0 })
    expect(await other.countHeld('deletions')).toMatchObject({ count: 200 })
  })

  it('are paused each by themselves', async () => {
    const switches = createSwitches(db, ONE)
    await switches.pause('ana', null)
    await switches.pause('ana', null, 'deletions')
    const other = createSwitches(db, OTHER)
    await other.assertNotPaused()
    await other.assertNotPaused('deletions')
    expect(await other.resume()).toBeNull()
    expect(await switches.resume()).toMatchObject({ by: 'ana' })
  })

  it('quarantine their own events, and a deletion removes no other system’s', async () => {
    const [store, other] = [ONE, OTHER].map((system) =>
      createQuarantine(db, system, { keyring: world.keyring, hash, keepDays: 1 }),
    )
    if (store === undefined || other === undefined) throw new Error('two stores')
    const entry = { tenant, reason: 'no type', content: JSON.stringify({ user_id: identity }) }
    await store.store([entry])
    await other.store([entry])
    const person = { tenant, identity, userId: identity }
    expect(await personalDataOf(OTHER).erase('holdfast', person)).toMatchObject({
      holdfast_quarantine: 1,
    })
    expect(await quarantineSummary(db, OTHER)).toMatchObject({ count: 0 })
    expect(await quarantineSummary(db, ONE)).toMatchObject({ count: 1 })
    const [ours] = await store.ids()
    expect(await other.open(ours ?? '')).toBeNull()
    expect(await other.remove([ours ?? ''])).toBe(0)
  })

  it('raise, deliver and close their own alerts', async () => {
    const [one, other] = [createAlertStore(db, ONE), createAlertStore(db, OTHER)]
    const alert = (system: System) => ({
      name: 'no-worker' as const,
      system,
      sentence: 'No worker.',
      fix: 'Start one.',
      since: new Date().toISOString(),
      count: 0,
      dedupKey: `holdfast/${system}/no-worker`,
    })
    await one.record(alert(ONE), true, 'workers')
    const sent: string[] = []
    expect(await other.deliver(async ({ system }) => void sent.push(system))).toBe(0)
    expect(sent).toEqual([])
    expect(await other.isOpen('no-worker')).toBe(false)
    await other.record(alert(OTHER), true, 'workers')
    await other.closeMissing({ names: ['no-worker'], still: [], source: 'workers' }, true)
    expect(await one.isOpen('no-worker')).toBe(true)
    expect(await one.deliver(async ({ system }) => void sent.push(system))).toBe(0)
    expect(sent).toEqual([ONE])
    expect(await one.list()).toMatchObject([{ system: ONE }])
  })

  it('list their own actions, and those on no system in particular', async () => {
    const log = createActionLog(db)
    const by = { name: 'ana', verified: true, via: 'command' } as const
    const of = (system: System | null, name: string) =>
      log.begin({ system, name, kind: 'change', subjects: [hash(identity)], scope: null, reason: null, by })
    for (const [system, name] of [
      [ONE, 'ignore'],
      [OTHER, 'delete'],
      [null, 'decode'],
    ] as const)
      await of(system, name)
    const names = (await log.list({ system: OTHER }, 10)).map(({ name }) => name)
    expect(new Set(names)).toEqual(new Set(['delete', 'decode']))
  })

  it('have audits, findings and plans of their own', async () => {
    const stores = [ONE, OTHER].map((system) => ({ system, findings: createAuditFindings(db, system) }))
    const scope = { tenant: null, last: null, since: null, id: null }
    const audits: string[] = []
    for (const { system, findings } of stores) {
      const auditId = randomUUID()
      audits.push(auditId)
      await findings.add(
        auditId,
        [{ system, identity, tenant, kind: 'user-missing', since: null, evidence: {}, repair: 'signup' }],
        true,
      )
      const at = new Date().toISOString()
      await findings.saveResult({ auditId, system, at, scope, counts: {} } as unknown as AuditResult, true)
    }
    const [ours = '', theirs = ''] = audits
    const [one, other] = stores.map(({ findings }) => findings)
    expect([await one?.latestFullAudit(), await other?.latestFullAudit()]).toEqual([ours, theirs])
    expect(await other?.loadResult(ours)).toBeNull()
    const since = new Date(Date.now() - 60_000).toISOString()
    const until = new Date(Date.now() + 60_000).toISOString()
    expect(await one?.countsBetween(since, until)).toHaveLength(1)

    for (let more = 0; more < 3; more += 1) {
      const auditId = randomUUID()
      await other?.add(
        auditId,
        [{ system: OTHER, identity, tenant, kind: 'user-missing', since: null, evidence: {}, repair: null }],
        true,
      )
      const at = new Date(Date.now() + more).toISOString()
      await other?.saveResult(
        { auditId, system: OTHER, at, scope, counts: {} } as unknown as AuditResult,
        true,
      )
    }
    await other?.deleteOld()
    expect(await other?.first(theirs, 10)).toEqual([])
    expect(await one?.first(ours, 10)).toHaveLength(1)

    if (one === undefined || other === undefined) throw new Error('two stores')
    const plans = createPlans(db, ONE)
    const planId = randomUUID()
    await plans.save({
      planId,
      audit: ours,
      scope,
      population: 1,
      digest: '',
      people: 0,
      byDatabase: 0,
      skipped: 0,
    })
    expect(await createPlans(db, OTHER).load(planId)).toBeNull()
    expect(await plans.load(planId)).not.toBeNull()
  })

  it('lose nothing when a person of the other is deleted', async () => {
    const person = { tenant, identity, userId: identity }
    const of = personalDataOf
    const before = await of(ONE).count(person)
    expect(Object.keys(before)).toEqual(
      expect.arrayContaining(['holdfast_history', 'holdfast_ignored', 'holdfast_audit_findings']),
    )
    await of(OTHER).erase('holdfast', person)
    expect(await of(OTHER).count(person)).toEqual({})
    expect(await of(ONE).count(person)).toEqual(before)
  })
})

it('a cursor of an earlier version is read, and goes on in the fields of this one', async () => {
  const cursors = createCursors(db, ONE)
  const since = new Date('2026-01-02T03:04:05.678Z')
  await db.collection<{ _id: string }>('holdfast_cursors').insertOne({
    _id: `${ONE}/earlier`,
    checkpoint: '900',
    lastEventAt: since,
    createdSince: since,
    verifiedSince: null,
  } as never)
  expect(await cursors.servedSince('earlier')).toEqual(new Date(0))
  expect(await cursors.place('earlier', 'log')).toBe('900')
  expect(await cursors.place('earlier', 'created')).toBe(since.toISOString())
  expect(await cursors.place('earlier', 'verified')).toBeNull()
  expect(await cursors.advance('earlier', 'log', { from: '899', to: '901' })).toBe(false)
  expect(await cursors.advance('earlier', 'log', { from: '900', to: '901' })).toBe(true)
  expect(await cursors.advance('earlier', 'log', { from: '900', to: '902' })).toBe(false)
  expect(await cursors.advance('earlier', 'created', { from: since.toISOString(), to: 'later' })).toBe(true)
  expect(await cursors.advance('earlier', 'verified', { from: null, to: 'first' })).toBe(true)
  expect(await cursors.advance('earlier', 'verified', { from: null, to: 'second' })).toBe(false)
  expect(await cursors.place('earlier', 'log')).toBe('901')
  expect(await cursors.place('earlier', 'created')).toBe('later')
  expect(await cursors.load('earlier')).toMatchObject({ lastEventAt: since })
})

it('a cursor of a system that no earlier version served has no places of earlier versions', async () => {
  const cursors = createCursors(db, OTHER)
  const _id = `${OTHER}/earlier`
  const collection = db.collection<{ _id: string }>('holdfast_cursors')
  await collection.insertOne({ _id, checkpoint: '900', lastEventAt: null } as never)
  expect(await cursors.place('earlier', 'log')).toBeNull()
  expect(await cursors.advance('earlier', 'log', { from: '900', to: '901' })).toBe(false)
  expect(await cursors.advance('earlier', 'log', { from: null, to: '1' })).toBe(true)
  expect(await collection.findOne({ _id })).toMatchObject({ places: { log: '1' }, checkpoint: '900' })
})

it('documents of earlier versions, which carry no system, are those of the only system there was', async () => {
  const old = `old-${randomUUID()}`
  const collection = (name: string) => db.collection<{ _id: string }>(name)
  const at = new Date('2026-01-02T03:04:05.000Z')
  const until = new Date(Date.now() + 3_600_000)
  const line = { at, last: at, times: 1, step: 'recording', outcome: 'done', problem: null, build: '0.1' }
  await collection('holdfast_history').insertOne({ _id: old, events: [line] } as never)
  await collection('holdfast_failed_mails').insertOne({ _id: old, code: 'fv', at, expiresAt: until } as never)
  await collection('holdfast_old_deletions').insertOne({
    _id: old,
    tenant: old,
    deletedAt: at,
    notedAt: at,
    expiresAt: until,
  } as never)
  await collection('holdfast_events').insertOne({ _id: `${old}/e1`, expiresAt: until } as never)
  const read = async (system: System) => [
    (await createStepHistory(db, system, 'a').load(old)).length,
    (await createNotedEvents(db, system).failedMail(old)) === null ? 0 : 1,
    await createOldDeletions(db, system).count(old),
    (await createSeenEvents(db, system).known(old, ['e1'])).size,
  ]
  expect(await read(ONE)).toEqual([1, 1, 1, 1])
  expect(await read(OTHER)).toEqual([0, 0, 0, 0])
})
