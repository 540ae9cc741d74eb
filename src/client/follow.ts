import type { Client } from '@temporalio/client'
import type { SignupStatus } from '../contracts/signup.ts'
import { SIGNUP_WORKFLOW_TYPES } from '../contracts/systems.ts'
import { pause } from './pause.ts'
import { fromAttributes } from './signup-reader.ts'

const EVERY_MS = 1_000
/** Visibility lags: what began or ended this long ago is looked at again. */
const LOOK_BACK_MS = 60_000

/**
 * Each signup that begins, and each change of stage or problem, as visibility shows it. What was so before is not
 * told. Asks for what may have changed only, so that ten thousand who wait cost nothing. Ends when `signal` says so.
 */
export async function* followSignups(client: Client, signal: AbortSignal): AsyncGenerator<SignupStatus> {
  const seen = new Map<string, string>()
  let first = true
  /** Those who were on their way at the last look: one who is not found any more now waits. */
  let moving = new Map<string, SignupStatus>()

  while (!signal.aborted) {
    const now = new Map<string, SignupStatus>()
    for await (const found of client.workflow.list({ query: mayHaveChanged() })) {
      const status = fromAttributes(found)
      if (!now.has(found.workflowId)) now.set(found.workflowId, status) // a later run comes first
    }
    for (const workflowId of moving.keys()) {
      if (!now.has(workflowId))
        now.set(workflowId, fromAttributes(await client.workflow.getHandle(workflowId).describe()))
    }
    for (const [workflowId, status] of now) {
      const state = `${status.stage} ${status.problem?.name ?? ''}`
      if (seen.get(workflowId) === state) continue
      seen.set(workflowId, state)
      if (!first) yield status
    }
    moving = new Map([...now].filter(([, { stage }]) => stage !== 'waiting-for-verification'))
    first = false
    await pause(EVERY_MS, signal)
  }
}

function mayHaveChanged(): string {
  const lately = new Date(Date.now() - LOOK_BACK_MS).toISOString()
  const moving = `ExecutionStatus = 'Running' AND (SignupStage != 'waiting-for-verification' OR SignupProblem IS NOT NULL)`
  return `WorkflowType = '${SIGNUP_WORKFLOW_TYPES.atproto}' AND ((${moving}) OR StartTime > '${lately}' OR CloseTime > '${lately}')`
}
