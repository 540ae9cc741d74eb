import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client'
import { retry } from '../contracts/messages.ts'
import type { ProblemName } from '../contracts/problems.ts'
import { SIGNUP_WORKFLOW_TYPES, TROUBLED_WORKFLOW_TYPES } from '../contracts/systems.ts'
import { inTime } from './temporal.ts'

/** gRPC's own number. */
const RESOURCE_EXHAUSTED = 8
/** Temporal's own numbers for the state of a batch. */
const STATE = { running: 1, completed: 2 } as const
const STEP_MS = 250
/** What Temporal lists lags behind what it knows by about as much. */
const LAG_MS = 1_000
const ROUNDS = 3

/** All that show a problem in their search attributes; each takes `retry`. */
const RETRYABLE = [SIGNUP_WORKFLOW_TYPES.atproto, ...TROUBLED_WORKFLOW_TYPES]

export interface BatchRetry {
  readonly jobId: string
  /** How many had one of the problems when it was asked for. */
  readonly matched: number
}

export interface BatchEnd {
  readonly done: number
  /** Mostly of those that ended, or went on, before their turn came. */
  readonly failed: number
  /** False where it still runs. */
  readonly ended: boolean
}

/** Signups, deletions and handles held up by one of these problems, as visibility sees them. Names are from fixed lists. */
export function heldUpBy(problems: readonly ProblemName[]): string {
  const names = problems.map((name) => `'${name}'`).join(', ')
  const types = RETRYABLE.map((type) => `'${type}'`).join(', ')
  return `WorkflowType IN (${types}) AND ExecutionStatus = 'Running' AND SignupProblem IN (${names})`
}

/** How many signups a visibility query finds. */
export async function countOf(client: Client, query: string): Promise<number> {
  const { count } = await inTime(client, () => client.workflow.count(query))
  return count
}

/**
 * Tells everything that one of these problems holds up to try again: one operation of Temporal's own, which goes on
 * by itself. `nobody`: there is none to tell. `busy`: Temporal is at work on another batch, and runs one a namespace.
 */
export async function startBatchRetry(
  client: Client,
  problems: readonly ProblemName[],
  reason: string,
): Promise<BatchRetry | 'nobody' | 'busy'> {
  const visibilityQuery = heldUpBy(problems)
  const matched = await countOf(client, visibilityQuery)
  if (matched === 0) return 'nobody'
  const jobId = `holdfast-retry-${randomUUID()}`
  const request = {
    namespace: client.options.namespace,
    jobId,
    visibilityQuery,
    reason,
    signalOperation: { signal: retry.name, identity: client.options.identity },
  }
  try {
    await inTime(client, () => client.workflowService.startBatchOperation(request))
  } catch (error) {
    const answer = error instanceof ServiceError ? error.cause : error
    if (isGrpcServiceError(answer) && answer.code === RESOURCE_EXHAUSTED) return 'busy'
    throw error
  }
  return { jobId, matched }
}

/** Waits for a batch to end, at most so long. */
export async function batchEnd(client: Client, jobId: string, longestMs: number): Promise<BatchEnd> {
  const until = Date.now() + longestMs
  for (;;) {
    const job = await inTime(client, () =>
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
 * The same for as long as it takes to reach them all: looks again for those whom Temporal lists a moment late, and waits
 * for the turn of its batch. With very many it returns while Temporal still goes on. Returns how many were found.
 */
export async function retryUntilNobody(
  client: Client,
  problems: readonly ProblemName[],
  { reason, longestMs }: { readonly reason: string; readonly longestMs: number },
): Promise<number | 'busy'> {
  const until = Date.now() + longestMs
  let most: number | null = null
  for (let rounds = 0; ;) {
    const batch = await startBatchRetry(client, problems, reason)
    if (batch !== 'busy') {
      rounds += 1
      most = Math.max(most ?? 0, batch === 'nobody' ? 0 : batch.matched)
      if (batch !== 'nobody') await batchEnd(client, batch.jobId, until - Date.now())
      else if (rounds > 1) return most
    }
    if (rounds > ROUNDS || Date.now() >= until) return most ?? 'busy'
    await sleep(LAG_MS)
  }
}
