import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionInfo,
} from '@temporalio/client'
import pMap from 'p-map'
import { parsePersonRunId } from '../contracts/ids.ts'
import { trouble } from '../contracts/messages.ts'
import type { Problem, ProblemName } from '../contracts/problems.ts'
import { taskQueueOf, TROUBLED_WORKFLOW_TYPES } from '../contracts/systems.ts'
import { unservedQueues } from './pollers.ts'
import { isSilence, problemSeen } from './signup-reader.ts'
import { inTime } from './temporal.ts'

/** Questions to runs under way at once. */
const AT_ONCE = 10

/** A run that is no signup and stands still: a deletion, say. */
export interface StuckRun {
  readonly system: string
  /** The workflow's type. */
  readonly type: string
  /** Null where it is about nobody in particular. */
  readonly tenant: string | null
  /** As everywhere at Temporal: an identity that holds an address is its hash. */
  readonly identity: string | null
  readonly workflowId: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly problem: Problem
}

/** At most so many of what shows a problem and is no signup, newest first. Visibility lags a moment behind. */
export async function readStuckRuns(
  client: Client,
  { problem, most }: { problem: ProblemName | undefined; most: number },
): Promise<{ runs: StuckRun[]; more: boolean }> {
  const types = TROUBLED_WORKFLOW_TYPES.map((type) => `'${type}'`).join(', ')
  const held = problem === undefined ? 'IS NOT NULL' : `= '${problem}'`
  const query = `WorkflowType IN (${types}) AND ExecutionStatus = 'Running' AND SignupProblem ${held}`
  const found: WorkflowExecutionInfo[] = []
  for await (const run of client.workflow.list({ query, pageSize: most + 1 })) {
    found.push(run)
    if (found.length > most) break
  }
  const worker = { answers: !(await unservedQueues(client)).includes(taskQueueOf('atproto')) }
  const runs = await pMap(found.slice(0, most), (run) => stuckRun(client, run, worker), {
    concurrency: AT_ONCE,
  })
  return { runs: runs.filter((run) => run !== null), more: found.length > most }
}

/** Whether it does, as far as is known. */
interface Worker {
  answers: boolean
}

/** Null for one that has gone on meanwhile. */
async function stuckRun(
  client: Client,
  found: WorkflowExecutionInfo,
  worker: Worker,
): Promise<StuckRun | null> {
  const { workflowId, type, memo, startTime } = found
  const problem = worker.answers ? await troubleOf(client, found, worker) : problemSeen(found)
  if (problem === null) return null
  const person = parsePersonRunId(workflowId)
  const named = memo?.['identity']
  return {
    system: person?.system ?? 'atproto',
    type,
    tenant: person?.tenant ?? null,
    identity: typeof named === 'string' ? named : (person?.identity ?? null),
    workflowId,
    startedAt: startTime.toISOString(),
    problem,
  }
}

/** As the run tells it; as visibility has it where no worker tells. */
async function troubleOf(
  client: Client,
  found: WorkflowExecutionInfo,
  worker: Worker,
): Promise<Problem | null> {
  const handle = client.workflow.getHandle(found.workflowId, found.runId)
  try {
    return await inTime(client, () => handle.query(trouble))
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    // Temporal has just answered, so this is the run's own worker: gone, or too busy. It must not hide the others.
    if (!(error instanceof ServiceError || isGrpcServiceError(error))) throw error
    if (isSilence(error)) worker.answers = false // nobody else need wait for it
    return problemSeen(found)
  }
}
