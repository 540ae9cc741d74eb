import { randomUUID } from 'node:crypto'
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { HealthDeps } from '../../src/activities/health.ts'
import type { WatchResult } from '../../src/contracts/watch.ts'
import { taskQueueOf } from '../../src/contracts/systems.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import { openAlertReceiver, type AlertReceiver } from '../support/alert-receiver.ts'
import { openWorld, type World } from '../support/world.ts'

/** The parts of the outside world of `watch` that one test replaces. */
let injected: Partial<HealthDeps> = {}
let real: HealthDeps
let world: World
let receiver: AlertReceiver
beforeAll(async () => {
  receiver = await openAlertReceiver()
  world = await openWorld({ env: { HOLDFAST_ALERT_URL: receiver.url } })
  await world.startWorker((deps) => {
    real = deps.health
    // Read at each call, so that each test may inject its own failure.
    const health = new Proxy(real, { get: (own, name: keyof HealthDeps) => injected[name] ?? own[name] })
    return { ...deps, health }
  })
})
beforeEach(async () => {
  injected = {}
  await watch() // closes the alerts that the previous test left open
  receiver.messages.length = 0
})

const watch = (): Promise<WatchResult> =>
  world.temporal.workflow.execute('watch', {
    taskQueue: taskQueueOf('atproto'),
    workflowId: `watch-${randomUUID()}`,
    args: [{ blockedMinutes: 0 }],
  }) as Promise<WatchResult>

const unnamed = (): Promise<never> => Promise.reject(new TypeError('of the test'))
const refused = (): Promise<never> => Promise.reject(new OutsideError('temporal-refused', 'not allowed'))
const blocked: HealthDeps['countBlocked'] = () =>
  Promise.resolve([{ problem: 'pds-unreachable', count: 12, ignored: 0, since: new Date(0).toISOString() }])
/** An alert that is unrelated to the failing part. */
const other = {
  name: 'catch-up-behind',
  about: 'aesthetic',
  count: 0,
  since: new Date(0).toISOString(),
} as const
const inspection = (name: string, inspect: HealthDeps['inspections'][number]['inspect']) =>
  ({ name, alerts: ['catch-up-behind'], needs: [], inspect }) as const
const opened = (): string[] =>
  receiver.messages.filter(({ state }) => state === 'opened').map(({ dedupKey }) => dedupKey)

describe('T10: one part of watch fails', () => {
  it.each<[string, Partial<HealthDeps>, string]>([
    [
      'a probe, by an error nobody named',
      { dependencies: [{ dependency: 'pds', tenant: null, check: unnamed }] },
      'check pds',
    ],
    ['the look for blocked signups', { countBlocked: unnamed }, 'blocked signups'],
    [
      'the retry of blocked signups',
      { countBlocked: blocked, retryBlocked: refused },
      'retry of blocked signups',
    ],
    [
      'the attempt of one of those who wait for the PLC directory',
      {
        countBlocked: async () => (await blocked()).map((one) => ({ ...one, problem: 'plc-unreachable' })),
        retryOneBlocked: unnamed,
      },
      'retry of blocked signups',
    ],
  ])('%s: the others run, and the alert names the part and its cause', async (_, failure, part) => {
    injected = { ...failure, inspections: [inspection('other', () => Promise.resolve([other]))] }
    const { failures } = await watch()
    expect(failures).toEqual([{ part, cause: expect.any(String) as string }])
    expect(opened()).toContain(`holdfast/atproto/watch-failing/${part}`)
    expect(opened()).toContain('holdfast/atproto/catch-up-behind/aesthetic')
    const alert = receiver.messages.find(({ name }) => name === 'watch-failing')
    expect(alert?.sentence).toContain(`"${part}"`)
    expect(alert?.sentence).toContain(failures[0]?.cause)

    injected = {}
    expect((await watch()).failures).toEqual([])
    expect(receiver.heard()).toContain('watch-failing closed')
  })

  it('the release fails, and signups are blocked since 1970: their alert is sent before', async () => {
    let sentBefore: string[] = []
    injected = {
      countBlocked: blocked,
      retryBlocked: () => {
        sentBefore = receiver.heard()
        return refused()
      },
    }
    expect(await watch()).toMatchObject({ retried: [], blocked: [{ count: 12 }] })
    expect(sentBefore).toEqual(['pds-unreachable opened'])
  })

  it('an inspection: the others are made, and no alert of its own is closed', async () => {
    injected = { inspections: [inspection('lag', () => Promise.resolve([other]))] }
    await watch()
    injected = {
      inspections: [
        inspection('lag', unnamed),
        {
          ...inspection('another', () => Promise.resolve([{ ...other, name: 'log-gap' }])),
          alerts: ['log-gap'],
        },
      ],
    }
    const { failures } = await watch()
    expect(failures).toMatchObject([{ part: 'inspection lag' }])
    expect(receiver.heard()).toEqual(['catch-up-behind opened', 'log-gap opened', 'watch-failing opened'])
  })

  it('the list of inspections: no alert of an inspection is closed', async () => {
    injected = { inspections: [inspection('lag', () => Promise.resolve([other]))] }
    await watch()
    injected = {
      get inspections(): never {
        throw new TypeError('of the test')
      },
    }
    expect((await watch()).failures).toMatchObject([{ part: 'inspections' }])
    expect(receiver.heard()).toEqual(['catch-up-behind opened', 'watch-failing opened'])
  })

  it('an inspection that meets a rate limit: nothing is said of it, and nothing closed', async () => {
    injected = {
      inspections: [inspection('lag', () => Promise.reject(new OutsideError('auth0-rate-limited', '429')))],
    }
    expect(await watch()).toMatchObject({ failures: [], alerts: [] })
  })

  it('an inspection whose dependency does not answer: it is left out, and the dependency alone is told of', async () => {
    let asked = 0
    const away = (): Promise<never> => Promise.reject(new OutsideError('pds-unreachable', 'away'))
    injected = {
      dependencies: [{ dependency: 'pds', tenant: null, check: away }],
      inspections: [
        {
          ...inspection('lag', () => {
            asked += 1
            return Promise.resolve([])
          }),
          needs: ['pds'],
        },
      ],
    }
    expect((await watch()).alerts).toMatchObject([{ name: 'pds-unreachable', state: 'opened' }])
    expect(asked).toBe(0)
  })

  it('the reconciliation, once: the second one of the run says it', async () => {
    const { alerts } = real
    let calls = 0
    injected = {
      alerts: {
        ...alerts,
        reconcile: (report) => {
          calls += 1
          return calls <= 2 ? unnamed() : alerts.reconcile(report) // the activity makes two attempts
        },
      },
      countBlocked: async () => (await blocked()).map((one) => ({ ...one, problem: 'email-taken' })),
    }
    expect((await watch()).alerts.map(({ name }) => name)).toEqual(['email-taken', 'watch-failing'])
  })

  it('every reconciliation: the run fails, and names it', async () => {
    injected = {
      alerts: {
        reconcile: unnamed,
        deliver: () => Promise.resolve(0),
        openSince: () => Promise.resolve(null),
      },
    }
    const error = await watch().catch((failure: unknown) => failure)
    expect(error).toBeInstanceOf(WorkflowFailedError)
    const { cause } = error as WorkflowFailedError
    expect(cause).toBeInstanceOf(ApplicationFailure)
    expect((cause as ApplicationFailure).type).toBe('watch-failing')
    expect(cause?.message).toContain('alerts could not be reconciled')
  })

  it('the delivery: the alert of it waits for the channel as every other', async () => {
    const { alerts } = real
    injected = { alerts: { ...alerts, deliver: unnamed }, countBlocked: blocked, retryBlocked: refused }
    const { failures } = await watch()
    expect(failures.map(({ part }) => part).toSorted()).toEqual(['delivery', 'retry of blocked signups'])
    injected = {}
    await watch()
    expect(opened()).toContain('holdfast/atproto/watch-failing/delivery')
  })
})
