import { WorkflowNotFoundError, type Client, type WorkflowExecutionInfo } from '@temporalio/client'
import pMap from 'p-map'
import { trouble } from '../contracts/messages.ts'
import { PROBLEMS, type Problem, type ProblemName } from '../contracts/problems.ts'
import { SignupProblem, SignupProblemSince } from '../contracts/search-attributes.ts'
import { problemText } from '../domain/problems.ts'
import { ALSO_HELD_UP } from './batch-retry.ts'
import { unservedQueues } from './pollers.ts'
import { inTime } from './temporal.ts'

/** Queries under way at once. */
const AT_ONCE = 10

/** Something other than a signup that a problem holds up: a deletion, a handle, a large delivery. */
export interface HeldUpWork {
  readonly workflowId: string
  readonly type: string
  readonly problem: Problem
}

/** Those that this problem holds up, or any; at most so many. Visibility lags a moment behind. */
export async function alsoHeldUp(
  client: Client,
  { problem, most }: { readonly problem?: ProblemName | undefined; readonly most: number },
): Promise<HeldUpWork[]> {
  const types = ALSO_HELD_UP.map((type) => `'${type}'`).join(', ')
  const which = problem === undefined ? 'SignupProblem IS NOT NULL' : `SignupProblem = '${problem}'`
  const query = `WorkflowType IN (${types}) AND ExecutionStatus = 'Running' AND ${which}`
  const found: WorkflowExecutionInfo[] = []
  for await (const one of client.workflow.list({ query, pageSize: most })) {
    found.push(one)
    if (found.length === most) break
  }
  if (found.length === 0) return []
  const nobodyAnswers = (await inTime(client, () => unservedQueues(client))).length > 0
  const rows = await pMap(
    found,
    async (one) => {
      const asked = nobodyAnswers ? fromAttributes(one) : await ask(client, one)
      return asked === null ? [] : [{ workflowId: one.workflowId, type: one.type, problem: asked }]
    },
    { concurrency: AT_ONCE },
  )
  return rows.flat()
}

/** Null where it has gone on meanwhile. Temporal answers, so what fails here is this one's: it must not hide the others. */
async function ask(client: Client, found: WorkflowExecutionInfo): Promise<Problem | null> {
  try {
    return await inTime(client, () => client.workflow.getHandle(found.workflowId).query(trouble))
  } catch (error) {
    return error instanceof WorkflowNotFoundError ? null : fromAttributes(found)
  }
}

function fromAttributes({ typedSearchAttributes }: WorkflowExecutionInfo): Problem | null {
  const name = PROBLEMS.find((known) => known === typedSearchAttributes.get(SignupProblem))
  const since = typedSearchAttributes.get(SignupProblemSince)
  if (name === undefined || since === undefined) return null
  const text = problemText(name, { system: 'atproto', identity: '<id>', detail: {}, many: name })
  return { name, ...text, since: since.toISOString(), attempts: 0, nextTryAt: null }
}
