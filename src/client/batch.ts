import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { retry } from '../contracts/messages.ts'
import type { ProblemName } from '../contracts/problems.ts'
import { SIGNUP_WORKFLOW_TYPES } from '../contracts/systems.ts'
import { inTime } from './temporal.ts'

const LONGEST_MS = 20_000
const STEP_MS = 250
/** What Temporal lists lags behind what it knows by about as much. */
const LAG_MS = 1_000
const ROUNDS = 3
/** Temporal's own number for a batch that runs. */
const RUNNING = 1

/**
 * Sends `retry` to every running signup that has one of these problems, by one job of the server's. It looks
 * again for those that Temporal lists a moment late; with very many it returns while the server still goes on.
 * Returns how many were found.
 */
export async function retryAll(
  client: Client,
  problems: readonly ProblemName[],
  reason: string,
): Promise<number> {
  const query = [
    `WorkflowType = '${SIGNUP_WORKFLOW_TYPES.atproto}'`,
    `SignupProblem IN (${problems.map((name) => `'${name}'`).join(', ')})`,
    `ExecutionStatus = 'Running'`,
  ].join(' AND ')
  const until = Date.now() + LONGEST_MS
  let most = 0
  for (let round = 1; ; round += 1) {
    const { count } = await inTime(client, () => client.workflow.count(query))
    most = Math.max(most, count)
    if ((count === 0 && round > 1) || round > ROUNDS || Date.now() > until) return most
    if (count > 0) await finished(client, await startBatch(client, query, reason), until)
    await sleep(LAG_MS)
  }
}

async function startBatch(client: Client, visibilityQuery: string, reason: string): Promise<string> {
  const jobId = randomUUID()
  await inTime(client, () =>
    client.workflowService.startBatchOperation({
      namespace: client.options.namespace,
      jobId,
      visibilityQuery,
      reason,
      signalOperation: { signal: retry.name, identity: client.options.identity },
    }),
  )
  return jobId
}

/** A namespace runs one batch at a time unless told otherwise, so the next one waits for this one. */
async function finished(client: Client, jobId: string, until: number): Promise<void> {
  const namespace = client.options.namespace
  for (;;) {
    const { state } = await inTime(client, () =>
      client.workflowService.describeBatchOperation({ namespace, jobId }),
    )
    if (state !== RUNNING || Date.now() > until) return
    await sleep(STEP_MS)
  }
}
