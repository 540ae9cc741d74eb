import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { retry } from '../contracts/messages.ts'
import type { ProblemName } from '../contracts/problems.ts'
import type { System } from '../contracts/systems.ts'
import { workflowsOf } from '../contracts/vocabulary.ts'
import { SHARED_RETRYABLE_TYPES } from '../contracts/workflows.ts'
import { GRPC, hasGrpcCode } from './grpc-errors.ts'
import { withDeadline } from './temporal.ts'
import { countRuns, queryText, runsOf, visibility, type VisibilityQuery } from './visibility.ts'

/** Temporal's numbers for the state of a batch. */
const STATE = { running: 1, completed: 2 } as const
const STEP_MS = 250
/** Approximate time by which Temporal's visibility lags behind the workflows. */
const LAG_MS = 1_000
const ROUNDS = 3

export interface BatchRetry {
  readonly jobId: string
  /** Number of workflows that had one of the problems at the start. */
  readonly matched: number
}

export interface BatchResult {
  readonly done: number
  /** Number of failed signals, mostly to workflows that ended, or continued, before the signal was sent. */
  readonly failed: number
  /** False where the batch is still running. */
  readonly ended: boolean
}

/** The workflows of a system that one of these problems blocks, as visibility sees them. Each accepts `retry`. */
export function blockedByQuery(system: System, problems: readonly ProblemName[]): VisibilityQuery {
  const { signup, others } = workflowsOf(system)
  const types = [signup, ...others, ...SHARED_RETRYABLE_TYPES]
  return visibility`${runsOf(system)} AND WorkflowType IN (${types}) AND ExecutionStatus = 'Running' AND SignupProblem IN (${problems})`
}

/**
 * Signals `retry` to every workflow that one of these problems blocks, as one batch operation of Temporal, which
 * continues without the caller. `nobody`: there is none to signal. `busy`: Temporal is running another batch, and runs
 * only one for each namespace.
 */
export async function startBatchRetry(
  client: Client,
  system: System,
  problems: readonly ProblemName[],
  reason: string,
): Promise<BatchRetry | 'nobody' | 'busy'> {
  const query = blockedByQuery(system, problems)
  const matched = await countRuns(client, query)
  if (matched === 0) return 'nobody'
  const jobId = `holdfast-retry-${randomUUID()}`
  const request = {
    namespace: client.options.namespace,
    jobId,
    visibilityQuery: queryText(query),
    reason,
    signalOperation: { signal: retry.name, identity: client.options.identity },
  }
  try {
    await withDeadline(client, () => client.workflowService.startBatchOperation(request))
  } catch (error) {
    if (hasGrpcCode(error, GRPC.resourceExhausted)) return 'busy'
    throw error
  }
  return { jobId, matched }
}

/** Waits for a batch to end, for at most `longestMs`. */
export async function waitForBatch(client: Client, jobId: string, longestMs: number): Promise<BatchResult> {
  const until = Date.now() + longestMs
  for (;;) {
    const job = await withDeadline(client, () =>
      client.workflowService.describeBatchOperation({ namespace: client.options.namespace, jobId }),
    )
    const ended = job.state !== STATE.running
    if (ended || Date.now() >= until) {
      return {
        done: Number(job.completeOperationCount ?? 0),
        failed: Number(job.failureOperationCount ?? 0),
        ended: job.state === STATE.completed,
      }
    }
    await sleep(STEP_MS)
  }
}

/**
 * Repeats `startBatchRetry` until no workflow is blocked: it searches again for workflows that visibility lists late,
 * and waits while another batch is running. With very many it returns while Temporal is still signalling them. Returns
 * how many were found.
 */
export async function retryUntilNoneBlocked(
  client: Client,
  system: System,
  problems: readonly ProblemName[],
  { reason, longestMs }: { readonly reason: string; readonly longestMs: number },
): Promise<number | 'busy'> {
  const until = Date.now() + longestMs
  let most: number | null = null
  for (let rounds = 0; ;) {
    const batch = await startBatchRetry(client, system, problems, reason)
    if (batch !== 'busy') {
      rounds += 1
      most = Math.max(most ?? 0, batch === 'nobody' ? 0 : batch.matched)
      if (batch !== 'nobody') await waitForBatch(client, batch.jobId, until - Date.now())
      else if (rounds > 1) return most
    }
    if (rounds > ROUNDS || Date.now() >= until) return most ?? 'busy'
    await sleep(LAG_MS)
  }
}
