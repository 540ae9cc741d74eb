import type { Client } from '@temporalio/client'
import { countWorkflows } from '../client/temporal-setup.ts'
import { allSettledOrThrow } from '../client/all-settled-or-throw.ts'
import { withDeadline } from '../client/temporal.ts'
import { findRuns, runsOf, visibility } from '../client/visibility.ts'
import type { BlockedPeople } from '../contracts/checks.ts'
import { parseSignupWorkflowId } from '../contracts/ids.ts'
import { withoutPersonal } from '../contracts/personal.ts'
import { problemNames, type ProblemName } from '../contracts/problems.ts'
import { SignupProblemSince } from '../contracts/search-attributes.ts'
import { problemText } from '../domain/problems.ts'
import type { System } from '../contracts/systems.ts'
import type { CheckContext } from './context.ts'
import type { SystemChecks } from './system-checks.ts'

/** The most people examined for each problem, since the database of a small server cannot sort them. */
const LOOKED_AT = 100
const NAMED = 3
const DEEPEST = 6

/** Blocked signups by problem, the most frequent first. */
export async function blockedPeople(
  context: CheckContext,
  { isProbe = () => false }: Pick<SystemChecks, 'isProbe'>,
): Promise<BlockedPeople[]> {
  const { client } = context.temporal()
  const found = await allSettledOrThrow(
    problemNames(context.system).map((problem) => blockedBy(client, context.system, problem, isProbe)),
  )
  return found.filter((group) => group !== null).toSorted((a, b) => b.count - a.count)
}

async function blockedBy(
  client: Client,
  system: System,
  problem: ProblemName,
  isProbe: (identity: string) => boolean,
): Promise<BlockedPeople | null> {
  const query = visibility`${runsOf(system)} AND SignupProblem = ${problem} AND ExecutionStatus = 'Running'`
  const count = (await countWorkflows(client, query)) ?? 0
  if (count === 0) return null
  const seen: { workflowId: string; runId: string; identity: string; since: string | null }[] = []
  for await (const { workflowId, runId, typedSearchAttributes } of findRuns(client, query, {
    most: LOOKED_AT,
  })) {
    const identity = parseSignupWorkflowId(workflowId)?.identity ?? workflowId
    const since = typedSearchAttributes.get(SignupProblemSince)?.toISOString() ?? null
    seen.push({ workflowId, runId, identity, since })
  }
  const people = seen.filter(({ identity }) => !isProbe(identity))
  const [first] = people
  if (first === undefined) return null
  const oneSignup = parseSignupWorkflowId(first.workflowId) !== null
  const text = problemText(problem, {
    system,
    identity: first.identity,
    detail: {},
    ...(oneSignup ? {} : { many: problem }),
  })
  return {
    problem,
    ...text,
    count: count - (seen.length - people.length),
    since: people.flatMap(({ since }) => since ?? []).toSorted()[0] ?? null,
    identities: people.slice(0, NAMED).map(({ identity }) => identity),
    lastError: await lastError(client, first),
  }
}

interface FailureSeen {
  readonly message?: string | null
  readonly applicationFailureInfo?: { readonly type?: string | null } | null
  readonly cause?: FailureSeen | null
}

/** The last failure in a history, of an activity or of the workflow itself; messages may be sealed. */
async function lastError(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
): Promise<BlockedPeople['lastError']> {
  const { history } = await withDeadline(client, () =>
    client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: LOOKED_AT,
    }),
  )
  for (const event of history?.events ?? []) {
    const failure: FailureSeen | null | undefined =
      event.activityTaskFailedEventAttributes?.failure ??
      event.activityTaskTimedOutEventAttributes?.failure ??
      event.markerRecordedEventAttributes?.failure ??
      event.workflowTaskFailedEventAttributes?.failure
    if (failure === null || failure === undefined) continue
    const seconds = Number(event.eventTime?.seconds ?? 0)
    return { at: new Date(seconds * 1_000).toISOString(), causes: causesOf(failure) }
  }
  return null
}

function causesOf(failure: FailureSeen): string[] {
  const causes: string[] = []
  for (let at: FailureSeen | null | undefined = failure; at && causes.length < DEEPEST; at = at.cause) {
    const words = [at.applicationFailureInfo?.type, at.message].filter(
      (word) => word !== null && word !== undefined && word !== '',
    )
    causes.push(withoutPersonal(words.join(': ')))
  }
  return causes
}
