import { randomUUID } from 'node:crypto'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker } from '@temporalio/worker'
import { beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { AuditActivities } from '../../src/activities/audit.ts'
import type { AuditResult } from '../../src/contracts/audit.ts'
import type { BackfillProgress, BackfillResult, RepairReport } from '../../src/contracts/backfill.ts'
import { repaired } from '../../src/contracts/messages.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { timeSkipping } from '../support/time-skipping.ts'

const PLAN = { planId: 'plan', digest: 'digest', byDatabase: 0, skipped: 0, population: 1_000 }
const [SLOW, QUICK] = ['auth0|slow', 'auth0|quick']

let environment: TestWorkflowEnvironment
/** The result of a look-up of a silent person; nothing while they are in progress. */
let looked: RepairReport[] = []
beforeEach(() => void (looked = []))

beforeAll(async () => {
  environment = await timeSkipping()
  atEnd(() => environment.teardown())
  const unused = () => Promise.reject(new Error('not expected here'))
  const activities: AuditActivities = {
    listScanSteps: () => Promise.resolve([]),
    runScanStep: unused,
    concludeAudit: () => Promise.resolve({ counts: { identities: 1_000 } } as AuditResult),
    publishAuditAlerts: unused,
    deleteOldFindings: unused,
    loadPlanScope: unused,
    makePlan: () =>
      Promise.resolve({
        plan: { ...PLAN, people: 2 },
        moved: [],
        batches: { workflows: 3, workflowsAtMost: 16 },
      }),
    repairInDatabase: unused,
    removeRecords: unused,
    async startRepairs({ after, reportTo }) {
      if (after !== null) return []
      await environment.client.workflow.getHandle(reportTo).signal(repaired, done(QUICK))
      return [SLOW, QUICK]
    },
    pollRepairs: () => Promise.resolve(looked),
    verifyRepairs: () => Promise.resolve({ verified: 1, next: null }),
    deleteAuditSnapshot: () => Promise.resolve(),
  }
  const { bundlePath } = inject('servers')
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: 'holdfast-atproto',
    workflowBundle: { codePath: bundlePath },
    activities,
  })
  const running = worker.run()
  atEnd(async () => {
    worker.shutdown()
    await running
  })
})

const done = (identity: string): RepairReport => ({
  identity,
  outcome: 'done',
  problem: null,
  sentence: '',
  fix: '',
})

const begin = () =>
  environment.client.workflow.start('backfill', {
    workflowId: `backfill/atproto/${randomUUID()}`,
    taskQueue: 'holdfast-atproto',
    args: [{ fix: true }],
  })
type Run = Awaited<ReturnType<typeof begin>>
const progress = (run: Run) => run.query<BackfillProgress>('progress')
const quickIsDone = (run: Run) =>
  eventually('the quick one has reported', async () => (await progress(run)).done === 1)

describe('T12: one person who neither arrives nor reports a problem', () => {
  it('counts as failed after half an hour of running time, by name, and the backfill completes', async () => {
    const run = await begin()
    const began = await environment.currentTimeMs()
    const result = (await run.result()) as BackfillResult
    expect(result).toMatchObject({ totalMissing: 2, processed: 2, successful: 1, failed: 1 })
    expect(result.failures).toMatchObject([{ identity: SLOW, problem: 'still-under-way' }])
    expect(result.failures[0]?.fix).toContain(`holdfast why atproto '${SLOW}'`)
    const minutes = ((await environment.currentTimeMs()) - began) / 60_000
    expect(minutes).toBeGreaterThanOrEqual(30)
  })

  it('is not counted while the backfill is paused', async () => {
    const run = await begin()
    await quickIsDone(run)
    await run.signal('pause')
    await environment.sleep('5 hours')
    expect(await progress(run)).toMatchObject({ paused: true, done: 1, failed: 0 })
    await run.signal('resume')
    await environment.sleep('20 minutes')
    expect(await progress(run)).toMatchObject({ paused: false, failed: 0 })
    expect(await run.result()).toMatchObject({ successful: 1, failed: 1 })
  })

  it('is looked at once more before they count as failed', async () => {
    const run = await begin()
    await quickIsDone(run)
    await environment.sleep('10 minutes')
    looked = [done(SLOW)]
    expect(await run.result()).toMatchObject({ successful: 2, failed: 0 })
  })
})
