import type { Client } from '@temporalio/client'
import type { SignupStatus } from '../contracts/signup.ts'
import type { System } from '../contracts/systems.ts'
import { abortableSleep } from './abortable-sleep.ts'
import { statusFromAttributes } from './signup-reader.ts'
import { findRuns, signupsOf, visibility, type VisibilityQuery } from './visibility.ts'

const EVERY_MS = 1_000
/** Visibility lags: signups that started or ended within this time are read again. */
const LOOK_BACK_MS = 60_000
/** Rows of one query; the newest come first. */
const MOST = 20_000

/**
 * Each signup that starts, and each change of stage or problem, as visibility shows it; earlier states are not
 * reported. Only signups that may have changed are queried, so that ten thousand waiting ones cost nothing. Ends when
 * `signal` aborts.
 */
export async function* followSignups(
  client: Client,
  system: System,
  signal: AbortSignal,
): AsyncGenerator<SignupStatus> {
  const seen = new Map<string, string>()
  let first = true
  /** Signups that were in progress at the last query: one that is not found again is waiting now. */
  let moving = new Map<string, SignupStatus>()

  while (!signal.aborted) {
    const now = new Map<string, SignupStatus>()
    for await (const found of findRuns(client, mayHaveChanged(system), { most: MOST })) {
      const status = statusFromAttributes(system, found)
      if (!now.has(found.workflowId)) now.set(found.workflowId, status) // a later run comes first
    }
    for (const workflowId of moving.keys()) {
      if (!now.has(workflowId))
        now.set(
          workflowId,
          statusFromAttributes(system, await client.workflow.getHandle(workflowId).describe()),
        )
    }
    for (const [workflowId, status] of now) {
      const state = `${status.stage} ${status.problem?.name ?? ''}`
      if (seen.get(workflowId) === state) continue
      seen.set(workflowId, state)
      if (!first) yield status
    }
    moving = new Map([...now].filter(([, { stage }]) => stage !== 'waiting-for-verification'))
    first = false
    await abortableSleep(EVERY_MS, signal)
  }
}

function mayHaveChanged(system: System): VisibilityQuery {
  const lately = new Date(Date.now() - LOOK_BACK_MS)
  const moving = visibility`ExecutionStatus = 'Running' AND (SignupStage != 'waiting-for-verification' OR SignupProblem IS NOT NULL)`
  return visibility`${signupsOf(system)} AND ((${moving}) OR StartTime > ${lately} OR CloseTime > ${lately})`
}
