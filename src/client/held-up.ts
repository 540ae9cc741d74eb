import type { Client } from '@temporalio/client'
import { parseSignupWorkflowId } from '../contracts/ids.ts'
import { PROBLEMS, type ProblemName } from '../contracts/problems.ts'
import { SignupProblem, SignupProblemSince } from '../contracts/search-attributes.ts'
import { SIGNUP_WORKFLOW_TYPES } from '../contracts/systems.ts'
import type { HeldUp } from '../contracts/watch.ts'
import { countOf, heldUpBy } from './batch-retry.ts'
import { inTime } from './temporal.ts'

const PAGE = 1_000
const RUNNING = `WorkflowType = '${SIGNUP_WORKFLOW_TYPES.atproto}' AND ExecutionStatus = 'Running'`

/**
 * Who is held up, by problem, since the first failure of any of them: not since they were queued. Read page by page,
 * so memory does not grow with how many there are. `ignored` are names as they stand in workflow ids.
 */
export async function readHeldUp(client: Client, ignored: ReadonlySet<string>): Promise<HeldUp[]> {
  const found = new Map<ProblemName, { count: number; ignored: number; since: number }>()
  // Deletions, handles and large deliveries that stand still show the same: somebody has to be told of them too.
  const query = `ExecutionStatus = 'Running' AND SignupProblem IS NOT NULL`
  for await (const { workflowId, typedSearchAttributes } of client.workflow.list({ query, pageSize: PAGE })) {
    const name = PROBLEMS.find((known) => known === typedSearchAttributes.get(SignupProblem))
    const since = typedSearchAttributes.get(SignupProblemSince)
    if (name === undefined || since === undefined) continue
    const so = found.get(name) ?? { count: 0, ignored: 0, since: Number.POSITIVE_INFINITY }
    const leftOut = ignored.has(parseSignupWorkflowId(workflowId)?.identity ?? '')
    found.set(
      name,
      leftOut
        ? { ...so, ignored: so.ignored + 1 }
        : { ...so, count: so.count + 1, since: Math.min(so.since, since.getTime()) },
    )
  }
  return [...found].map(([problem, { since, ...counts }]) => ({
    problem,
    ...counts,
    since: new Date(Number.isFinite(since) ? since : Date.now()).toISOString(),
  }))
}

/** Signups that began before then, are not past their first steps, and say no problem: their workflow itself fails. */
export function countSilent(client: Client, before: Date): Promise<number> {
  const early = `SignupStage IN ('recording', 'creating-code', 'creating-user')`
  return countOf(
    client,
    `${RUNNING} AND ${early} AND SignupProblem IS NULL AND StartTime < '${before.toISOString()}'`,
  )
}

/** Signups under way that do not merely wait for their person. */
export function countWorking(client: Client): Promise<number> {
  return countOf(client, `${RUNNING} AND SignupStage != 'waiting-for-verification'`)
}

/** Any one signup that this problem holds up; null where there is none. */
export async function oneHeldUpBy(client: Client, problem: ProblemName): Promise<string | null> {
  for await (const { workflowId } of client.workflow.list({ query: heldUpBy([problem]), pageSize: 1 }))
    return workflowId
  return null
}

/** Whether this problem holds a signup up now; false too where it has ended. */
export async function isHeldUpBy(client: Client, workflowId: string, problem: ProblemName): Promise<boolean> {
  const { status, typedSearchAttributes } = await inTime(client, () =>
    client.workflow.getHandle(workflowId).describe(),
  )
  return status.name === 'RUNNING' && typedSearchAttributes.get(SignupProblem) === problem
}
