import { randomUUID } from 'node:crypto'
import { Context } from '@temporalio/activity'
import { Client, Connection, WorkflowFailedError } from '@temporalio/client'
import { CancelledFailure } from '@temporalio/common'
import { NativeConnection, Worker } from '@temporalio/worker'
import { beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { startTemporal } from '../../dev/servers/temporal/temporal.ts'
import type { AuditActivities, RepairedPage, RepairPage } from '../../src/activities/audit.ts'
import { withFailureMapping } from '../../src/activities/lib/failures.ts'
import type { AuditResult } from '../../src/contracts/audit.ts'
import type {
  BackfillProgress,
  BackfillResult,
  PlanSummary,
  RepairReport,
} from '../../src/contracts/backfill.ts'
import { repaired } from '../../src/contracts/messages.ts'
import type { ProblemName } from '../../src/contracts/problems.ts'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'

/** The number of events after which Temporal suggests to continue as new: a few pages. */
const FEW = 40
const SIZE = 200

type Call = Exclude<keyof AuditActivities, 'publishAuditAlerts' | 'deleteOldFindings' | 'loadPlanScope'>

let client: Client
/** Every call in order. */
let calls: string[] = []
/** Set by a test: held back until it is released, or cancelled. */
let held: { readonly call: Call; readonly until: Promise<void> } | null = null
let reached = false
let away: { readonly call: Call; readonly problem: ProblemName; times: number } | null = null
let plan: PlanSummary
let failing: (index: number) => boolean = () => false
/** Repairs by workflow report nothing. */
let mute = false
let report: (identity: string) => RepairReport
let polled: (identity: string) => RepairReport | null

const done = (identity: string): RepairReport => ({
  identity,
  outcome: 'done',
  problem: null,
  sentence: '',
  fix: '',
})
const planned = (counts: Partial<PlanSummary>): PlanSummary => ({
  planId: 'plan',
  digest: 'digest',
  people: 0,
  byDatabase: 0,
  removals: 0,
  removable: 0,
  skipped: 0,
  population: 100_000_000,
  ...counts,
})

beforeEach(() => {
  calls = []
  held = away = null
  reached = mute = false
  failing = () => false
  report = done
  polled = () => null
  plan = planned({ people: 3 * SIZE, byDatabase: SIZE, removals: SIZE })
})

beforeAll(async () => {
  const temporal = await startTemporal({
    progress,
    searchAttributes: SEARCH_ATTRIBUTES,
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': FEW },
  })
  atEnd(() => temporal.stop())
  const options = { address: temporal.address }
  client = new Client({ connection: await Connection.connect(options), namespace: temporal.namespace })
  const connection = await NativeConnection.connect(options)
  const { bundlePath } = inject('servers')
  const worker = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: 'holdfast-atproto',
    workflowBundle: { codePath: bundlePath },
    activities: scripted(),
    maxHeartbeatThrottleInterval: '100ms',
  })
  const running = worker.run()
  atEnd(async () => {
    worker.shutdown()
    await running
    await connection.close()
    await client.connection.close()
  })
})

/** Activities over a plan that is only counted. Each may be held back, or fail as if a database were away. */
function scripted(): AuditActivities {
  const asked = <A extends unknown[], R>(call: Call, answer: (...args: A) => R) =>
    withFailureMapping(async (...args: A): Promise<R> => {
      calls.push(call)
      if (away?.call === call && away.times > 0) {
        away.times -= 1
        throw new OutsideError(away.problem, 'away')
      }
      if (held?.call === call) {
        reached = true
        const { info, heartbeat, cancelled } = Context.current()
        const beat = info.isLocal ? null : setInterval(() => heartbeat(), 50)
        try {
          await (info.isLocal ? held.until : Promise.race([held.until, cancelled]))
        } finally {
          if (beat !== null) clearInterval(beat)
          calls.push(`${call} over`)
        }
      }
      return answer(...args)
    })
  const page =
    (total: () => number) =>
    ({ after, namesAtMost }: RepairPage): RepairedPage => {
      const from = Number(after ?? 0)
      const size = Math.min(SIZE, total() - from)
      const failures = Array.from({ length: size }, (_, n) => from + n)
        .filter(failing)
        .map((n) => ({
          identity: `p${n}`,
          problem: 'mongo-refused',
          sentence: 'x'.repeat(300),
          fix: 'Correct it.',
        }))
      const next = from + size < total() ? String(from + size) : null
      return {
        done: size - failures.length,
        failed: failures.length,
        failures: failures.slice(0, namesAtMost),
        next,
      }
    }
  const byWorkflow = (): number => plan.people - plan.byDatabase - (plan.removals ?? 0)
  const unused = () => Promise.reject(new Error('not expected here'))
  return {
    listScanSteps: asked('listScanSteps', () => [
      { name: 'one', summary: 'Step one' },
      { name: 'two', summary: 'Step two' },
    ]),
    runScanStep: asked('runScanStep', () => ({
      counts: {},
      records: {},
      ignored: 0,
      young: 0,
      inProgress: 0,
      notices: [],
    })),
    concludeAudit: asked(
      'concludeAudit',
      () => ({ counts: { identities: 1_000 }, notices: [] }) as unknown as AuditResult,
    ),
    publishAuditAlerts: unused,
    deleteOldFindings: unused,
    loadPlanScope: unused,
    makePlan: asked('makePlan', () => ({ plan, moved: [], batches: { workflows: 20, workflowsAtMost: 20 } })),
    repairInDatabase: asked(
      'repairInDatabase',
      page(() => plan.byDatabase),
    ),
    removeRecords: asked(
      'removeRecords',
      page(() => plan.removals ?? 0),
    ),
    startRepairs: withFailureMapping(async ({ after, limit, reportTo }) => {
      await asked('startRepairs', () => {})()
      const from = Number(after ?? 0)
      const started = Array.from({ length: Math.min(limit, byWorkflow() - from) }, (_, n) =>
        String(from + n + 1),
      )
      if (started.length > 0 && !mute)
        await client.workflow.getHandle(reportTo).signal(repaired, ...started.map(report))
      return started
    }),
    pollRepairs: asked('pollRepairs', ({ identities }) =>
      identities.map(polled).filter((found) => found !== null),
    ),
    verifyRepairs: asked('verifyRepairs', ({ by, after }) => {
      const counts = { database: plan.byDatabase, workflow: byWorkflow(), remove: plan.removals ?? 0 }
      const from = Number(after ?? 0)
      const size = Math.min(SIZE, counts[by] - from)
      return { verified: size, next: from + size < counts[by] ? String(from + size) : null }
    }),
    deleteAuditSnapshot: asked('deleteAuditSnapshot', () => {}),
  }
}

const begin = (input: object = { fix: true, remove: true, maxChanges: 1_000_000 }) =>
  client.workflow.start('backfill', {
    workflowId: `backfill/atproto/${randomUUID()}`,
    taskQueue: 'holdfast-atproto',
    args: [input],
  })
type Run = Awaited<ReturnType<typeof begin>>
const progressOf = (run: Run) => run.query<BackfillProgress>('progress')
const resultOf = async (run: Run) => (await run.result()) as BackfillResult

/** The runs of one backfill, each with its number of events and the bytes of the largest. */
async function histories({ workflowId }: Run): Promise<{ events: number; largest: number }[]> {
  const runs = []
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory()
    const sizes = (events ?? []).map((event) => JSON.stringify(event).length)
    runs.push({ events: sizes.length, largest: Math.max(...sizes) })
  }
  return runs
}

describe('a backfill', () => {
  it('repairs in the database, then by workflow, then removes, and checks everybody', async () => {
    const result = await resultOf(await begin())
    expect(result).toMatchObject({
      totalMissing: 600,
      successful: 600,
      failed: 0,
      verified: 600,
      removals: 200,
      removed: 200,
    })
    expect(result.message).toBe(
      'Repaired 400 people. Removed the records of 200 people; verified: nothing is missing.',
    )
    const order = [...new Set(calls)].filter((call) => /repair|start|remove|verify/i.test(call))
    expect(order).toEqual(['repairInDatabase', 'startRepairs', 'removeRecords', 'verifyRepairs'])
  })

  it('keeps every run short, and no answer large, with ten thousand rows that fail', async () => {
    plan = planned({ people: 21_000, byDatabase: 15_000, removals: 5_000 })
    failing = (index) => index % 2 === 1
    const run = await begin()
    const result = await resultOf(run)
    expect(result).toMatchObject({ processed: 21_000, successful: 11_000, failed: 10_000, verified: 21_000 })
    expect(result.failures).toHaveLength(50)
    expect(result.message).toContain(
      'The first 50 are listed; to find all of them again: holdfast audit atproto',
    )
    const runs = await eventually('all runs are visible', async () => {
      const found = await histories(run)
      return found.length > 5 ? found : null
    })
    for (const { events, largest } of runs) {
      expect(events).toBeLessThan(4 * FEW)
      expect(largest).toBeLessThan(64_000)
    }
    const pages = (call: string) => calls.filter((one) => one === call).length
    expect(pages('repairInDatabase')).toBe(75)
    expect(pages('removeRecords')).toBe(25)
  })
})

describe('an outage', () => {
  it.each(['repairInDatabase', 'startRepairs', 'removeRecords', 'verifyRepairs'] as const)(
    'in %s is shown and waited for, and the run goes on afterwards',
    async (call) => {
      away = { call, problem: 'mongo-unreachable', times: 1_000 }
      const run = await begin()
      const { waitsFor } = await eventually('it waits', async () => {
        const now = await progressOf(run)
        return now.waitsFor === null ? null : now
      })
      expect(waitsFor).toMatchObject({ problem: 'mongo-unreachable', sentence: 'MongoDB does not answer.' })
      away.times = 0
      await run.signal('resume') // an operator does not wait for the next attempt
      expect(await resultOf(run)).toMatchObject({ successful: 600, failed: 0, verified: 600 })
    },
  )

  it('that lasts keeps the run short', async () => {
    away = { call: 'repairInDatabase', problem: 'mongo-unreachable', times: 1_000 }
    const run = await begin()
    const since = (await eventually('it waits', async () => (await progressOf(run)).waitsFor)).since
    await eventually('it continues as new', async () => {
      await run.signal('resume')
      return (await histories(run)).length > 1
    })
    expect((await progressOf(run)).waitsFor).toMatchObject({ since })
    away.times = 0
    await run.signal('resume')
    expect(await resultOf(run)).toMatchObject({ successful: 600, verified: 600 })
  })

  it('is none where a permission is missing: the run ends with that problem', async () => {
    away = { call: 'repairInDatabase', problem: 'mongo-denied', times: 1_000 }
    await expect(resultOf(await begin())).rejects.toThrow(WorkflowFailedError)
    expect(calls.at(-1)).toBe('deleteAuditSnapshot')
  })
})

describe('the pause of the whole system', () => {
  it('is waited for, and a person whose workflow met it has not failed', async () => {
    report = (identity) => ({ ...done(identity), outcome: 'failed', problem: 'paused' })
    away = { call: 'pollRepairs', problem: 'paused', times: 1_000 }
    plan = planned({ people: 20 })
    const run = await begin()
    const { sentence } = await eventually('it waits', async () => (await progressOf(run)).waitsFor)
    expect(sentence).toContain('are paused')
    polled = done
    away.times = 0
    await run.signal('resume')
    expect(await resultOf(run)).toMatchObject({ successful: 20, failed: 0 })
  })
})

const PHASES = ['runScanStep', 'makePlan', 'repairInDatabase', 'removeRecords', 'verifyRepairs'] as const

describe('a pause', () => {
  it.each(PHASES)(
    'in %s lets that one end and starts nothing after it, until it is resumed',
    async (call) => {
      plan = planned({ people: 6 * SIZE, byDatabase: 2 * SIZE, removals: 2 * SIZE })
      const gate = Promise.withResolvers<void>()
      held = { call, until: gate.promise }
      const run = await begin()
      await eventually('the phase is reached', () => reached)
      await run.signal('pause')
      const before = await progressOf(run)
      expect(before.paused).toBe(true)
      held = null
      gate.resolve()
      await eventually('what was in flight is over', async () => {
        const { raw } = await run.describe()
        return (
          calls.includes(`${call} over`) &&
          (raw.pendingActivities ?? []).length === 0 &&
          (raw.pendingWorkflowTask ?? null) === null
        )
      })
      const soFar = calls.length
      await progressOf(run)
      expect(calls.length).toBe(soFar)
      expect(calls.filter((one) => one === call)).toHaveLength(1)
      await run.signal('resume')
      expect(await resultOf(run)).toMatchObject({ successful: 1_200, failed: 0, verified: 1_200 })
    },
  )

  it('of repairs by workflow starts none after those in flight', async () => {
    plan = planned({ people: 30 })
    mute = true
    const run = await begin()
    await eventually('the first are in flight', () => calls.includes('startRepairs'))
    await run.signal('pause')
    await run.signal(repaired, ...Array.from({ length: 20 }, (_, n) => done(String(n + 1))))
    await eventually('they have reported', async () => (await progressOf(run)).done === 20)
    expect(calls.filter((call) => call === 'startRepairs')).toHaveLength(1)
    mute = false
    await run.signal('resume')
    expect(await resultOf(run)).toMatchObject({ successful: 30, verified: 30 })
  })
})

describe('a cancellation', () => {
  it.each(PHASES)('in %s stops that one, and deletes the copies afterwards', async (call) => {
    held = { call, until: new Promise(() => {}) }
    const run = await begin()
    await eventually('the phase is reached', () => reached)
    await run.cancel()
    const failure = await resultOf(run).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(WorkflowFailedError)
    expect((failure as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure)
    expect(calls.slice(-2)).toEqual([`${call} over`, 'deleteAuditSnapshot'])
  })

  it('ends one that is paused', async () => {
    const gate = Promise.withResolvers<void>()
    held = { call: 'repairInDatabase', until: gate.promise }
    const run = await begin()
    await eventually('the phase is reached', () => reached)
    await run.signal('pause')
    gate.resolve()
    await eventually('the page is over', async () => (await progressOf(run)).done === SIZE)
    await run.cancel()
    await expect(resultOf(run)).rejects.toThrow(WorkflowFailedError)
  })
})

it('reads the position that an earlier version handed on', async () => {
  const scope = { tenant: null, last: null, since: null, id: null }
  plan = planned({ people: 2 * SIZE, byDatabase: SIZE })
  const { removals: _, removable: __, ...earlier } = plan
  const carried = {
    audit: { auditId: 'an-audit', scope },
    plan: earlier,
    notices: [],
    databaseAfter: null,
    databaseDone: false,
    cursor: null,
    allStarted: false,
    inFlight: [],
    paused: false,
    done: 0,
    failed: 0,
    failures: [],
    activeMs: 0,
  }
  expect(await resultOf(await begin({ fix: true, carried }))).toMatchObject({
    successful: 400,
    verified: 400,
    removals: 0,
  })
  expect(calls).not.toContain('removeRecords')
})
