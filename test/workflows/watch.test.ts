import { randomUUID } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { WorkerDeps } from '../support/atproto-worker.ts'
import { createAlerts } from '../../src/adapters/notify/alerts.ts'
import { createHttpChannel } from '../../src/adapters/notify/channels/http.ts'
import { createAlertStore } from '../../src/state/mongo/alerts.ts'
import { createCursors } from '../../src/state/mongo/cursors.ts'
import { createIgnored } from '../../src/state/mongo/ignored.ts'
import { createUnstoredAlerts } from '../../src/client/unstored-alerts.ts'
import type { ProblemName } from '../../src/contracts/problems.ts'
import type { WatchInput, WatchResult } from '../../src/contracts/watch.ts'
import { SignupStage } from '../../src/contracts/search-attributes.ts'
import { taskQueueOf } from '../../src/contracts/systems.ts'
import { workflowsOf } from '../../src/contracts/vocabulary.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import { stalledSignups } from '../../src/worker/health/stalled-signups.ts'
import { openAlertReceiver, type AlertReceiver } from '../support/alert-receiver.ts'
import { eventually } from '../support/eventually.ts'
import { startSignup, expectComplete, meets, newPerson, type Person } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
let receiver: AlertReceiver
/** The PDS's refusal of new accounts, and whether it is unreachable. */
let refusal: ProblemName | null = null
let away = false
/** The lead of the clock by which signups count as silent. */
let aheadMs = 0
beforeAll(async () => {
  receiver = await openAlertReceiver()
  world = await openWorld({ env: { HOLDFAST_ALERT_URL: receiver.url } })
  await world.startWorker((deps): WorkerDeps => ({
    ...deps,
    pds: {
      ...deps.pds,
      createAccount: (account) =>
        refusal === null
          ? deps.pds.createAccount(account)
          : Promise.reject(new OutsideError(refusal, 'refused by the test')),
    },
    health: {
      ...deps.health,
      inspections: deps.health.inspections.map((one) =>
        one.name === 'stalled signups'
          ? {
              ...one,
              inspect: () => stalledSignups(world.temporal, 'atproto', new Date(Date.now() + aheadMs)),
            }
          : one,
      ),
      dependencies: deps.health.dependencies.map((probe) => ({
        ...probe,
        check: () =>
          away && probe.dependency === 'pds'
            ? Promise.reject(new OutsideError('pds-unreachable', 'away in the test'))
            : probe.check(),
      })),
    },
  }))
})
beforeEach(() => {
  receiver.messages.length = 0
})

const watch = (input: WatchInput = { blockedMinutes: 0 }): Promise<WatchResult> =>
  world.temporal.workflow.execute('watch', {
    taskQueue: taskQueueOf('atproto'),
    workflowId: `watch-${randomUUID()}`,
    args: [input],
  }) as Promise<WatchResult>

/** Creates signups that meet a problem, and waits until that is visible. */
async function makeBlocked(count: number, problem: ProblemName): Promise<Person[]> {
  refusal = problem
  const people = await Promise.all(Array.from({ length: count }, () => newPerson(world)))
  for (const person of people) await startSignup(world, person)
  for (const person of people) await meets(world, person, problem)
  await eventually('visibility has them', async () => {
    const { signups } = await world.reader.list({ problem })
    return signups.length === count
  })
  return people
}

describe('all is well', () => {
  it('says nothing', async () => {
    const { dependencies, alerts, blocked } = await watch()
    expect(dependencies.map(({ dependency, problem }) => [dependency, problem])).toEqual([
      ['mongo', null],
      ['pds', null],
      ['auth0', null],
    ])
    expect({ alerts, blocked }).toEqual({ alerts: [], blocked: [] })
  })

  it('refuses a system that is not served', async () => {
    await expect(watch({ system: 'medusa' })).rejects.toThrow()
  })
})

describe('P7: the PDS is away', () => {
  it('is one alert for all who wait, said once; they go on when it is back, and it closes', async () => {
    away = true
    const people = await makeBlocked(3, 'pds-unreachable')
    const first = await watch()
    expect(first.retried).toEqual([])
    expect(receiver.messages).toEqual([
      {
        name: 'pds-unreachable',
        system: 'atproto',
        state: 'opened',
        severity: 'high',
        title: 'High: pds-unreachable in atproto',
        sentence: 'The PDS does not answer.',
        fix: expect.stringContaining('3 signups are blocked: holdfast list atproto --problem') as string,
        more: 'docs/problems.md#pds-unreachable',
        since: expect.stringMatching(/^\d{4}-.+Z$/) as string,
        count: 3,
        consequences: [],
        people: Array.from({ length: 3 }, () => expect.stringMatching(/^[0-9a-f]{64}$/) as string),
        dedupKey: 'holdfast/atproto/pds-unreachable',
      },
    ])
    const failures = await Promise.all(
      people.map((person) => world.reader.status(world.idOf(person.identity))),
    )
    const earliest = failures.map((status) => status?.problem?.since ?? '').toSorted()[0]
    expect(receiver.messages[0]?.since).toBe(earliest)

    expect((await watch()).alerts).toEqual([])
    away = false
    refusal = null
    const last = await watch()
    expect(last.retried).toEqual(['pds-unreachable'])
    for (const person of people) await expectComplete(world, person)
    expect(receiver.heard()).toEqual(['pds-unreachable opened', 'pds-unreachable closed'])
  })
})

describe('P7: the PLC directory is away', () => {
  it('one of those who wait tries first, and the others follow when that worked', async () => {
    const people = await makeBlocked(2, 'plc-unreachable')
    const during = await watch({ blockedMinutes: 60 })
    expect(during).toMatchObject({ retried: [], alerts: [] })
    refusal = null
    const { retried } = await watch({ blockedMinutes: 60 })
    expect(retried).toEqual(['plc-unreachable'])
    for (const person of people) await expectComplete(world, person)
  })
})

describe('T6: how long a person is blocked', () => {
  it('counts from the first failure, not from when they were queued', async () => {
    const [person] = await makeBlocked(1, 'email-taken')
    expect((await watch({ blockedMinutes: 5 })).alerts).toEqual([])
    const status = await world.reader.status(world.idOf(person?.identity ?? ''))
    const { alerts } = await watch()
    expect(alerts).toMatchObject([{ name: 'email-taken', state: 'opened', count: 1 }])
    expect(alerts[0]?.since).toBe(status?.problem?.since)
    expect(alerts[0]?.fix).toContain('holdfast retry atproto --problem email-taken')
  })

  it('somebody who is ignored alerts nobody, and is counted apart', async () => {
    const blocked = await eventually('it is seen', async () => {
      const { signups } = await world.reader.list({ problem: 'email-taken' })
      return signups[0]
    })
    const ignored = createIgnored(world.db, 'atproto')
    const until = new Date(Date.now() + 60_000)
    await ignored.add({
      tenant: blocked.tenant,
      identity: blocked.identity,
      until,
      reason: 'a test account',
    })
    const { alerts, blocked: seen } = await watch()
    expect(alerts).toMatchObject([{ name: 'email-taken', state: 'closed' }])
    expect(seen).toMatchObject([{ problem: 'email-taken', count: 0, ignored: 1 }])
    expect((await watch()).alerts).toEqual([])

    await ignored.drop(blocked.identity)
    expect((await watch()).alerts).toMatchObject([{ name: 'email-taken', state: 'opened' }])
    refusal = null
    await world.signups.notify({ tenant: blocked.tenant, identity: blocked.identity, hint: 'retry' })
    await eventually('it is through', async () => {
      return (await watch()).alerts.some(({ state }) => state === 'closed')
    })
  })
})

describe('T2: a signup whose workflow fails, and says nothing', () => {
  // With the clock ahead, a task that other workflows have just been given also looks old.
  const silentAlerts = async () => (await watch()).alerts.filter(({ name }) => name === 'signups-stalled')

  it('is an alert once it has got nowhere for ten minutes, and none when it is gone', async () => {
    const silent = await world.temporal.workflow.start(workflowsOf('atproto').signup, {
      workflowId: `signup-that-no-worker-understands-${randomUUID()}`,
      taskQueue: 'of-another-version',
      typedSearchAttributes: [{ key: SignupStage, value: 'recording' }],
    })
    expect((await watch()).alerts).toEqual([])
    aheadMs = 11 * 60_000
    const opened = await eventually('it can be seen', async () => {
      const alerts = await silentAlerts()
      return alerts.length > 0 && alerts
    })
    expect(opened).toMatchObject([{ name: 'signups-stalled', state: 'opened', count: 1 }])
    expect(opened[0]?.fix).toContain('holdfast list atproto --stage recording')
    await silent.terminate()
    const closed = await eventually('its end can be seen', async () => {
      const alerts = await silentAlerts()
      return alerts.length > 0 && alerts
    })
    expect(closed).toMatchObject([{ name: 'signups-stalled', state: 'closed' }])
    aheadMs = 0
    await watch() // closes alerts that only opened because the clock was ahead
  })
})

describe('E6: how far the log was read', () => {
  const documents = () => world.db.collection<{ _id: string; caughtUpAt: Date }>('holdfast_cursors')

  it('is an alert when its end was not reached for a quarter of an hour, which closes when it is', async () => {
    const cursors = createCursors(world.db, 'atproto')
    expect(
      await cursors.advance('aesthetic', 'log', { from: null, to: 'a', lastEventAt: null, caughtUp: true }),
    ).toBe(true)
    expect((await watch()).alerts).toEqual([])
    const caughtUpAt = new Date(Date.now() - 40 * 60_000)
    await documents().updateOne({ _id: 'atproto/aesthetic' }, { $set: { caughtUpAt } })
    const { alerts } = await watch()
    expect(alerts).toMatchObject([
      { name: 'catch-up-behind', state: 'opened', since: caughtUpAt.toISOString() },
    ])
    expect(alerts[0]?.sentence).toContain('Catch-up is 40 minutes behind')
    expect(alerts[0]?.fix).toContain('holdfast catch-up atproto')
    await cursors.advance('aesthetic', 'log', { from: 'a', to: 'b', lastEventAt: null, caughtUp: true })
    expect((await watch()).alerts).toMatchObject([{ name: 'catch-up-behind', state: 'closed' }])
  })

  it('is an alert where a part of it was gone, until somebody has looked at the users themselves', async () => {
    const cursors = createCursors(world.db, 'atproto')
    await cursors.recordGap('aesthetic', { from: new Date('2026-01-01'), to: new Date('2026-01-03') })
    const { alerts } = await watch()
    expect(alerts).toMatchObject([{ name: 'log-gap', state: 'opened', count: 0 }])
    expect(alerts[0]?.sentence).toContain('from 2026-01-01T00:00:00.000Z to 2026-01-03T00:00:00.000Z')
    expect(alerts[0]?.fix).toContain('holdfast audit atproto')
    expect(await cursors.closeGap('aesthetic')).toBe(true)
    expect((await watch()).alerts).toMatchObject([{ name: 'log-gap', state: 'closed' }])
    expect(receiver.heard()).toEqual(['log-gap opened', 'log-gap closed'])
  })
})

describe('the channel', () => {
  it('is told again until it takes a message, in order', async () => {
    receiver.answer(503)
    away = true
    expect(await watch()).toMatchObject({ alerts: [{ state: 'opened' }], undelivered: 1 })
    const [record] = await createAlertStore(world.db, 'atproto').list()
    expect(record).toMatchObject({ open: true, undelivered: 1 })
    expect(record?.undeliveredBecause).toBe('HOLDFAST_ALERT_URL answers HTTP 503')
    away = false
    expect(await watch()).toMatchObject({ alerts: [{ state: 'closed' }], undelivered: 2 })
    receiver.answer(200)
    expect(await watch()).toMatchObject({ alerts: [], undelivered: 0 })
    expect(receiver.heard()).toEqual(['pds-unreachable opened', 'pds-unreachable closed'])
  })
})

describe('M4: alerts while MongoDB is away', () => {
  it('are said all the same, once, and are held again when it is back', async () => {
    let broken = true
    const store = createAlertStore(world.db, 'atproto')
    const orAway = <T>(run: () => Promise<T>): Promise<T> =>
      broken ? Promise.reject(new OutsideError('mongo-unreachable', 'away in the test')) : run()
    const alerts = createAlerts({
      source: 'workers',
      store: {
        ...store,
        record: (...told) => orAway(() => store.record(...told)),
        storeSent: (...told) => orAway(() => store.storeSent(...told)),
      },
      unstored: createUnstoredAlerts(world.temporal, 'atproto'),
      channels: [createHttpChannel(receiver.url, 'docs')],
      routing: () => [{ channel: 'http', notBefore: null }],
      raiseAfterMs: 4 * 3_600_000,
      log: () => {},
      warn: () => {},
    })
    const finding = { name: 'pds-failing', count: 1, since: new Date().toISOString() } as const
    const report = {
      system: 'atproto',
      scope: ['pds-failing', 'mongo-unreachable'],
      findings: [finding],
    } as const
    await alerts.reconcile(report)
    await alerts.reconcile(report)
    expect(receiver.heard()).toEqual(['pds-failing opened', 'mongo-unreachable opened'])
    broken = false
    await alerts.reconcile({ ...report, findings: [] })
    await alerts.deliver()
    expect(receiver.heard().slice(2).toSorted()).toEqual(['mongo-unreachable closed', 'pds-failing closed'])
  })
})
