import { randomUUID } from 'node:crypto'
import type { Db } from 'mongodb'
import { beforeAll, expect, it } from 'vitest'
import type { System } from '../../../src/contracts/systems.ts'
import { createAlertStore } from '../../../src/state/mongo/alerts.ts'
import { createAuditFindings } from '../../../src/state/mongo/audit/findings.ts'
import { createCursors } from '../../../src/state/mongo/cursors.ts'
import { createNotedEvents } from '../../../src/state/mongo/events/noted-events.ts'
import { createSeenEvents } from '../../../src/state/mongo/events/seen-events.ts'
import { createOldDeletions } from '../../../src/state/mongo/old-deletions.ts'
import { createStepHistory } from '../../../src/state/mongo/step-history.ts'
import { openWorld } from '../../support/world.ts'

const [ONE, OTHER] = ['atproto', 'medusa'] as const satisfies System[]

let db: Db
beforeAll(async () => {
  ;({ db } = await openWorld())
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

it('a finding of an earlier version, stored without its system, is one of the system that had the database alone', async () => {
  const found = {
    system: ONE,
    identity: 'auth0|found',
    tenant: 'aesthetic',
    kind: 'user-missing',
    since: null,
    evidence: {},
    repair: 'signup',
  }
  const { system: _, ...stored } = found
  await db.collection('holdfast_audit_findings').insertOne({ audit: 'earlier', ...stored })
  expect(await createAuditFindings(db, ONE).first('earlier', 10)).toEqual([found])
})

it('messages that waited for the only channel of an earlier version are sent to it, in every order of calls', async () => {
  const at = new Date('2026-01-02T03:04:05.000Z')
  const alert = { name: 'no-worker', system: ONE, sentence: 'No worker polls.', fix: 'Start one.', count: 0 }
  const seen = { open: true, since: at, openedAt: at, lastSeen: at, seenBy: {}, repeatAt: at }
  const keys = ['first', 'second', 'third'].map((key) => `earlier/${key}`)
  for (const [index, dedupKey] of keys.entries()) {
    const message = { ...alert, state: 'opened', since: at.toISOString(), dedupKey }
    const outbox = [{ id: `earlier-${index}`, message, tries: 2, because: 'channel down' }]
    await db
      .collection<{ _id: string }>('holdfast_alerts')
      .insertOne({ _id: dedupKey, ...alert, ...seen, closedAt: null, expiresAt: null, outbox } as never)
    const store = createAlertStore(db, ONE)
    if (index === 0)
      expect(await store.deliveries()).toMatchObject([
        {
          channel: 'http',
          at: at.toISOString(),
          notBefore: null,
          refusals: 2,
          message: { severity: 'warning' },
        },
      ])
    if (index === 1)
      await store.closeMissing({ names: ['no-worker'], still: [], source: 'workers' }, () => [])
    const sent: string[] = []
    expect(
      await store.deliver({ channel: 'http', most: 5, leaseMs: 30_000 }, async (messages) => {
        sent.push(...messages.map((one) => `${one.message.dedupKey} ${one.message.title}`))
        return 'taken'
      }),
    ).toBe(0)
    expect(sent).toEqual([`${dedupKey} no-worker`])
  }
})
