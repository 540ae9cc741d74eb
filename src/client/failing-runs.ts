import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import pMap from 'p-map'
import { SHARED_OTHER_TYPES, SHARED_RETRYABLE_TYPES } from '../contracts/workflows.ts'
import { systemNames, taskQueueOf, type System } from '../contracts/systems.ts'
import { workflowsOf } from '../contracts/vocabulary.ts'
import { lacksAttributes } from './temporal-setup.ts'
import { withDeadline } from './temporal.ts'
import { findRuns, runsOf, signupsOf, visibility, type VisibilityQuery } from './visibility.ts'

/** Workflows that should be proceeding: they wait neither for a person nor for a dependency. */
const PROCEEDING = visibility`SignupProblem IS NULL AND (SignupStage IS NULL OR SignupStage != 'waiting-for-verification')`

/** Most runs of each query, which are then inspected one by one. */
const MOST = 150
const AT_ONCE = 10
/** A run that is younger may be in its first tasks. */
const YOUNG_MS = 5 * 60_000
/** Attempts after which a task counts as failing: Temporal retries it at once, and then less and less often. */
const FAILED_ATTEMPTS = 3
/** A task that no worker accepted for this long: no worker of the queue can run its type, or there is none. */
const NOT_TAKEN_MS = 10 * 60_000
/** People wait for weeks: the sample of their signups is drawn from this time. */
const DRAWN_FROM_MS = 60 * 24 * 3_600_000

export interface FailingRun {
  readonly type: string
  readonly workflowId: string
  readonly attempts: number
  readonly since: Date
}

/**
 * Running workflows whose workflow task keeps failing, or is not accepted: they neither proceed nor can report why.
 * Servers with the search attribute `TemporalReportedProblems` name them. On others a bounded number is inspected:
 * first those that should be proceeding, then every other type, then a random sample of the signups that wait for their
 * person.
 */
export async function failingRuns(client: Client, system: System, now = new Date()): Promise<FailingRun[]> {
  const { signup, others } = workflowsOf(system)
  // Every type: each may have a version of its code that fails.
  const otherTypes = [...others, ...SHARED_RETRYABLE_TYPES, ...SHARED_OTHER_TYPES]
  const ours = ownRuns(system, otherTypes)
  const reported = await reportedRuns(client, ours)
  const old = new Date(now.getTime() - YOUNG_MS)
  const running = visibility`${ours} AND ExecutionStatus = 'Running' AND StartTime < ${old}`
  const drawn = new Date(now.getTime() - Math.random() * DRAWN_FROM_MS)
  const queries =
    reported === null
      ? [
          visibility`${running} AND WorkflowType = ${signup} AND ${PROCEEDING}`,
          visibility`${running} AND WorkflowType IN (${otherTypes})`,
          visibility`${running} AND SignupStage = 'waiting-for-verification' AND StartTime < ${drawn}`,
        ]
      : // A task that no worker accepts has not failed, and so is not reported.
        [visibility`${running} AND WorkflowType IN (${[signup, ...otherTypes]}) AND ${PROCEEDING}`]
  const ids = new Map<string, { workflowId: string; runId: string }>()
  for (const run of reported ?? []) ids.set(run.runId, run)
  for (const query of queries) for (const run of await idsOf(client, query)) ids.set(run.runId, run)
  const runs = await pMap([...ids.values()], (run) => failingRun(client, run, now), { concurrency: AT_ONCE })
  return runs.filter((run) => run !== null)
}

/**
 * A workflow that was started on a wrong task queue never runs: signups are found on any queue, since their type names
 * the system, and other types on a queue that is no system's.
 */
function ownRuns(system: System, otherTypes: readonly string[]): VisibilityQuery {
  const elsewhere = visibility`(TaskQueue NOT IN (${systemNames().map(taskQueueOf)}) AND WorkflowType IN (${otherTypes}))`
  return visibility`(${runsOf(system)} OR ${signupsOf(system)} OR ${elsewhere})`
}

/** Null where the server does not know the search attribute. */
async function reportedRuns(client: Client, ours: VisibilityQuery) {
  try {
    return await idsOf(
      client,
      visibility`${ours} AND ExecutionStatus = 'Running' AND TemporalReportedProblems IS NOT NULL`,
    )
  } catch (error) {
    if (lacksAttributes(error)) return null
    throw error
  }
}

async function idsOf(client: Client, query: VisibilityQuery) {
  return withDeadline(client, async () => {
    const found: { workflowId: string; runId: string }[] = []
    for await (const { workflowId, runId } of findRuns(client, query, { most: MOST }))
      found.push({ workflowId, runId })
    return found
  })
}

/** Null for a run that is not failing, or has ended since. */
async function failingRun(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
  now: Date,
): Promise<FailingRun | null> {
  try {
    const { raw, type } = await withDeadline(client, () =>
      client.workflow.getHandle(workflowId, runId).describe(),
    )
    const task = raw.pendingWorkflowTask
    if (task === null || task === undefined) return null
    const first = task.originalScheduledTime ?? task.scheduledTime
    const since = new Date(Number(first?.seconds ?? 0) * 1_000)
    const attempts = task.attempt ?? 1
    const failing = attempts > FAILED_ATTEMPTS || now.getTime() - since.getTime() > NOT_TAKEN_MS
    return failing ? { type, workflowId, attempts, since } : null
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
