import type { Client } from '@temporalio/client'
import { parseSignupWorkflowId, type IdentityHash } from '../contracts/ids.ts'
import { problemNamed, type ProblemName } from '../contracts/problems.ts'
import { SignupProblem, SignupProblemSince } from '../contracts/search-attributes.ts'
import type { System } from '../contracts/systems.ts'
import type { BlockedByProblem } from '../contracts/watch.ts'
import { blockedByQuery } from './batch-retry.ts'
import { withDeadline } from './temporal.ts'
import { countRuns, findRuns, runsOf, signupsOf, visibility } from './visibility.ts'

/** Beyond this number the figures are a lower bound, which is enough for an operator to act on. */
const MOST = 200_000
/** People whom an alert names. */
const MOST_PEOPLE = 10
/** An identity that holds an e-mail address is hashed in the workflow id already. */
const HASH = /^[0-9a-f]{64}$/

/**
 * The number of blocked workflows by problem, each since the first failure among them, not since they were queued. It
 * is read page by page, so memory does not grow with their number. `ignored` are names as they occur in workflow ids. With
 * `hash`, ten people of each problem are named by it; `most`: how many workflows are read at most.
 */
export async function countBlocked(
  client: Client,
  system: System,
  ignored: ReadonlySet<string>,
  { hash = null, most = MOST }: { readonly hash?: IdentityHash | null; readonly most?: number } = {},
): Promise<BlockedByProblem[]> {
  const found = new Map<ProblemName, { count: number; ignored: number; since: number; people: string[] }>()
  // Blocked deletions, handle syncs and large deliveries show the same attributes, and raise alerts too.
  const query = visibility`${runsOf(system)} AND ExecutionStatus = 'Running' AND SignupProblem IS NOT NULL`
  for await (const { workflowId, typedSearchAttributes } of findRuns(client, query, { most })) {
    const name = problemNamed(typedSearchAttributes.get(SignupProblem))
    const since = typedSearchAttributes.get(SignupProblemSince)
    if (name === null || since === undefined) continue
    const sum = found.get(name) ?? { count: 0, ignored: 0, since: Number.POSITIVE_INFINITY, people: [] }
    const person = parseSignupWorkflowId(workflowId)?.identity
    const leftOut = ignored.has(person ?? '')
    found.set(
      name,
      leftOut
        ? { ...sum, ignored: sum.ignored + 1 }
        : {
            ...sum,
            count: sum.count + 1,
            since: Math.min(sum.since, since.getTime()),
            people:
              person === undefined || hash === null || sum.people.length === MOST_PEOPLE
                ? sum.people
                : [...sum.people, HASH.test(person) ? person : hash(person)],
          },
    )
  }
  return [...found].map(([problem, { since, people, ...counts }]) => ({
    problem,
    ...counts,
    ...(people.length === 0 ? {} : { people }),
    since: new Date(Number.isFinite(since) ? since : Date.now()).toISOString(),
  }))
}

/** Running signups that do not merely wait for the person to verify their e-mail. */
export function countInProgress(client: Client, system: System): Promise<number> {
  return countRuns(
    client,
    visibility`${signupsOf(system)} AND ExecutionStatus = 'Running' AND SignupStage != 'waiting-for-verification'`,
  )
}

/** The workflow id of any one workflow that this problem blocks; null where there is none. */
export async function findBlockedBy(
  client: Client,
  system: System,
  problem: ProblemName,
): Promise<string | null> {
  for await (const { workflowId } of findRuns(client, blockedByQuery(system, [problem]), { most: 1 }))
    return workflowId
  return null
}

/** Whether this problem blocks the workflow now; false too where it has ended. */
export async function isBlockedBy(
  client: Client,
  workflowId: string,
  problem: ProblemName,
): Promise<boolean> {
  const { status, typedSearchAttributes } = await withDeadline(client, () =>
    client.workflow.getHandle(workflowId).describe(),
  )
  return status.name === 'RUNNING' && typedSearchAttributes.get(SignupProblem) === problem
}
