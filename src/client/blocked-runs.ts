import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionInfo,
} from '@temporalio/client'
import pMap from 'p-map'
import { parsePersonWorkflowId } from '../contracts/ids.ts'
import { problemQuery } from '../contracts/messages.ts'
import type { Problem, ProblemName } from '../contracts/problems.ts'
import { taskQueueOf, type System } from '../contracts/systems.ts'
import { workflowsOf } from '../contracts/vocabulary.ts'
import { SHARED_RETRYABLE_TYPES } from '../contracts/workflows.ts'
import { unservedQueues } from './pollers.ts'
import { isNoAnswer, problemFromAttributes, type ReadReports } from './signup-reader.ts'
import { withDeadline } from './temporal.ts'
import { findRuns, runsOf, visibility } from './visibility.ts'

/** Queries of running workflows at once. */
const AT_ONCE = 10

/** A blocked run of any type but signup, such as a deletion. */
export interface BlockedRun {
  readonly system: string
  /** The workflow's type. */
  readonly type: string
  /** Null where it is not about one person. */
  readonly tenant: string | null
  /** In Temporal's form: an identity that holds an address is replaced by its hash. */
  readonly identity: string | null
  readonly workflowId: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly problem: Problem
}

/** At most `most` blocked workflows that are not signups, newest first. Visibility lags a moment behind. */
export async function readBlockedRuns(
  client: Client,
  system: System,
  { problem, most, reports }: { problem: ProblemName | undefined; most: number; reports: ReadReports },
): Promise<{ runs: BlockedRun[]; more: boolean }> {
  const hasProblem =
    problem === undefined ? visibility`SignupProblem IS NOT NULL` : visibility`SignupProblem = ${problem}`
  const types = [...workflowsOf(system).others, ...SHARED_RETRYABLE_TYPES]
  const query = visibility`${runsOf(system)} AND WorkflowType IN (${types}) AND ExecutionStatus = 'Running' AND ${hasProblem}`
  const found: WorkflowExecutionInfo[] = []
  for await (const run of findRuns(client, query, { most: most + 1 })) found.push(run)
  const unserved = await unservedQueues(client, system, await reports())
  const worker = { system, answers: !unserved.includes(taskQueueOf(system)) }
  const runs = await pMap(found.slice(0, most), (run) => blockedRun(client, run, worker), {
    concurrency: AT_ONCE,
  })
  return { runs: runs.filter((run) => run !== null), more: found.length > most }
}

/** Whether the system's worker answers, as far as is known. */
interface Worker {
  readonly system: System
  answers: boolean
}

/** Null for a workflow that is not blocked any more. */
async function blockedRun(
  client: Client,
  found: WorkflowExecutionInfo,
  worker: Worker,
): Promise<BlockedRun | null> {
  const { workflowId, type, memo, startTime } = found
  const problem = worker.answers
    ? await problemOf(client, found, worker)
    : problemFromAttributes(worker.system, found)
  if (problem === null) return null
  const person = parsePersonWorkflowId(workflowId)
  const named = memo?.['identity']
  return {
    system: worker.system,
    type,
    tenant: person?.tenant ?? null,
    identity: typeof named === 'string' ? named : (person?.identity ?? null),
    workflowId,
    startedAt: startTime.toISOString(),
    problem,
  }
}

/** The problem as the workflow reports it, or as its search attributes show it where no worker answers. */
async function problemOf(
  client: Client,
  found: WorkflowExecutionInfo,
  worker: Worker,
): Promise<Problem | null> {
  const handle = client.workflow.getHandle(found.workflowId, found.runId)
  try {
    return await withDeadline(client, () => handle.query(problemQuery))
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    // Temporal has just answered, so the fault is the run's own worker: it is gone, or too busy. It must not hide the
    // other runs.
    if (!(error instanceof ServiceError || isGrpcServiceError(error))) throw error
    if (isNoAnswer(error)) worker.answers = false // the other runs need not wait for it
    return problemFromAttributes(worker.system, found)
  }
}
