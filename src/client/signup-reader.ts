import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
} from '@temporalio/client'
import pMap from 'p-map'
import { status as statusQuery } from '../contracts/messages.ts'
import { parseSignupWorkflowId } from '../contracts/ids.ts'
import { PROBLEMS, type Problem, type ProblemName } from '../contracts/problems.ts'
import { SignupCode, SignupProblem, SignupProblemSince, SignupStage } from '../contracts/search-attributes.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import { STAGES, type Stage } from '../contracts/stages.ts'
import { PDS_TASK_QUEUE, SIGNUP_WORKFLOW_TYPES, taskQueueOf } from '../contracts/systems.ts'
import { problemText } from '../domain/problems.ts'
import { pageToken, readPageToken } from './page-token.ts'
import { unservedQueues } from './pollers.ts'
import { inTime } from './temporal.ts'

/** gRPC's own number. */
const DEADLINE_EXCEEDED = 4

/** Temporal's own number: a worker has the workflow task in its hands. One that dies loses it within ten seconds. */
const TASK_STARTED = 2
const IN_A_STEP = 'A worker has it in a step that takes long, and it says no more until that ends: ask again.'

/** Status queries under way at once. */
const AT_ONCE = 10

export interface SignupFilter {
  readonly stage?: Stage | undefined
  readonly problem?: ProblemName | undefined
  /** Only those with a problem. */
  readonly stuck?: boolean | undefined
  /** Only those that have not ended. */
  readonly running?: boolean | undefined
}

export interface SignupPage {
  readonly signups: readonly SignupStatus[]
  /** Hand it back for the next page; null at the end. */
  readonly next: string | null
  /** What holds up everybody, each a sentence: a missing worker is one notice, not a hundred stuck signups. */
  readonly notices: readonly string[]
}

export interface SignupReader {
  /** One signup; null when none was ever started (or its history is past retention). */
  status(workflowId: string): Promise<SignupStatus | null>
  /**
   * Signups, running ones first, newest first; one row a person. Visibility lags a moment behind. `next` is that of the
   * page before, of the same filter; anything else is a `UsageError`.
   */
  list(filter: SignupFilter, page?: { size?: number; next?: string | undefined }): Promise<SignupPage>
}

/** Reads signups from Temporal alone, with or without a worker there to answer. */
export function createSignupReader(client: Client, { answerMs }: { answerMs?: number } = {}): SignupReader {
  return {
    status: async (workflowId) =>
      readStatus(
        { client, answerMs },
        workflowId,
        await inTime(client, () => unservedQueues(client), answerMs),
      ),

    async list(filter, { size = 50, next } = {}) {
      const query = visibilityQuery(filter)
      const from = next === undefined ? {} : { nextPageToken: readPageToken(next, query) }
      const { executions, nextPageToken } = await inTime(client, () =>
        client.workflowService.listWorkflowExecutions({
          namespace: client.options.namespace,
          query,
          pageSize: size,
          ...from,
        }),
      )
      const unserved = await unservedQueues(client)
      const rows = await pMap(
        executions ?? [],
        ({ execution }) =>
          readStatus(
            { client, answerMs },
            execution?.workflowId ?? '',
            unserved,
            execution?.runId ?? undefined,
          ),
        { concurrency: AT_ONCE },
      )
      return {
        signups: rows.filter((row) => row !== null),
        next: pageToken(nextPageToken ?? new Uint8Array(), query),
        notices: unserved.length === 0 ? [] : [noWorker()],
      }
    },
  }
}

/** Values are from fixed lists, never from a person, so nothing needs quoting. */
function visibilityQuery({ stage, problem, stuck, running }: SignupFilter): string {
  return [
    `WorkflowType = '${SIGNUP_WORKFLOW_TYPES.atproto}'`,
    ...(stage === undefined ? [] : [`SignupStage = '${stage}'`]),
    ...(problem === undefined ? [] : [`SignupProblem = '${problem}'`]),
    ...(stuck === true ? ['SignupProblem IS NOT NULL'] : []),
    ...(stuck === true || problem !== undefined || running === true ? [`ExecutionStatus = 'Running'`] : []),
  ].join(' AND ')
}

/** Temporal, and how long one answer of it may take; the usual time when that is left out. */
interface Asked {
  readonly client: Client
  readonly answerMs: number | undefined
}

/** `onlyRun`: null when another run of the same signup came after that one. */
async function readStatus(
  asked: Asked,
  workflowId: string,
  unserved: string[],
  onlyRun?: string,
): Promise<SignupStatus | null> {
  const { client, answerMs } = asked
  const handle = client.workflow.getHandle(workflowId)
  try {
    const description = await inTime(client, () => handle.describe(), answerMs)
    if (onlyRun !== undefined && description.runId !== onlyRun) return null
    if (description.status.name === 'COMPLETED')
      return await inTime(client, () => handle.result() as Promise<SignupStatus>, answerMs)
    const known = fromAttributes(description)
    if (description.status.name !== 'RUNNING') {
      return { ...known, notices: [`Its workflow ended as ${description.status.name}: start it again.`] }
    }
    const waitsFor = waitingFor(description).find((queue) => unserved.includes(queue))
    if (waitsFor !== undefined || unserved.includes(taskQueueOf('atproto'))) {
      return { ...known, ...withoutWorker(known, description, waitsFor) }
    }
    return await askOrSay(asked, known, description, unserved)
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}

/** Temporal has just answered, so what fails now is this one workflow's or its worker's: it must not hide the others. */
async function askOrSay(
  { client, answerMs }: Asked,
  known: SignupStatus,
  description: WorkflowExecutionDescription,
  unserved: string[],
): Promise<SignupStatus> {
  try {
    return await inTime(
      client,
      () => client.workflow.getHandle(known.workflowId).query(statusQuery),
      answerMs,
    )
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error
    if (!isSilence(error)) {
      return { ...known, notices: [`Its workflow could not say more: ${String(error)}`] }
    }
    const now = await inTime(client, () => client.workflow.getHandle(known.workflowId).describe(), answerMs)
    if (now.raw.pendingWorkflowTask?.state === TASK_STARTED) return { ...known, notices: [IN_A_STEP] }
    // A worker that died a moment ago still counts as a poller. Nobody else need wait for it.
    if (!unserved.includes(taskQueueOf('atproto'))) unserved.push(taskQueueOf('atproto'))
    const waitsFor = description.raw.pendingWorkflowTask ? taskQueueOf('atproto') : undefined
    return { ...known, ...withoutWorker(known, description, waitsFor) }
  }
}

/** Nobody answered in time: of a query, when Temporal itself does, that no worker did. */
export function isSilence(error: unknown): boolean {
  const answer = error instanceof ServiceError ? error.cause : error
  return isGrpcServiceError(answer) && answer.code === DEADLINE_EXCEEDED
}

/** It is nobody's in particular, so it names nobody. */
const NO_WORKER = problemText('no-worker', { system: 'atproto', identity: '', detail: {} })

function noWorker(): string {
  return `${NO_WORKER.sentence} ${NO_WORKER.fix}`
}

/** The queues on which something of this signup waits to be picked up. */
function waitingFor({ raw }: WorkflowExecutionDescription): string[] {
  return [
    ...(raw.pendingWorkflowTask ? [taskQueueOf('atproto')] : []),
    ...((raw.pendingActivities ?? []).some(({ activityType }) => activityType?.name === 'ensureAccount')
      ? [PDS_TASK_QUEUE]
      : []),
  ]
}

/** A signup that only waits for its person is not held up by a missing worker yet; the operator is told all the same. */
function withoutWorker(
  known: SignupStatus,
  { raw }: WorkflowExecutionDescription,
  waitsFor: string | undefined,
): Pick<SignupStatus, 'problem' | 'notices'> {
  if (waitsFor === undefined) return { problem: known.problem, notices: [noWorker()] }
  const seconds = Number(raw.pendingWorkflowTask?.originalScheduledTime?.seconds ?? 0)
  const since = seconds === 0 ? known.stageSince : new Date(seconds * 1_000).toISOString()
  return { problem: noWorkerSince(since), notices: [] }
}

/** `since`: ISO 8601. */
export function noWorkerSince(since: string): Problem {
  return { name: 'no-worker', ...NO_WORKER, since, attempts: 0, nextTryAt: null }
}

/** What search attributes alone tell. */
export function fromAttributes(description: SeenInVisibility): SignupStatus {
  const { workflowId, typedSearchAttributes, startTime } = description
  const id = parseSignupWorkflowId(workflowId)
  const identity = id?.identity ?? workflowId
  const stage = typedSearchAttributes.get(SignupStage)
  return {
    system: 'atproto',
    tenant: id?.tenant ?? '-',
    identity,
    workflowId,
    stage: STAGES.find((name) => name === stage) ?? 'recording',
    stageSince: startTime.toISOString(),
    problem: problemFrom(description, identity),
    code: typedSearchAttributes.get(SignupCode) ?? null,
    handle: null,
    did: null,
    notices: [],
  }
}

type SeenInVisibility = Pick<WorkflowExecutionInfo, 'workflowId' | 'typedSearchAttributes' | 'startTime'>

function problemFrom(seen: SeenInVisibility, identity: string): Problem | null {
  const shown = shownProblem(seen)
  if (shown === null) return null
  const text = problemText(shown.name, { system: 'atproto', identity, detail: {} })
  return { ...shown, ...text, attempts: 0, nextTryAt: null }
}

/** The problem that anything but a signup shows: what mends it is told of all who have it. */
export function problemSeen(seen: Pick<SeenInVisibility, 'typedSearchAttributes'>): Problem | null {
  const shown = shownProblem(seen)
  if (shown === null) return null
  const text = problemText(shown.name, { system: 'atproto', identity: '', detail: {}, many: shown.name })
  return { ...shown, ...text, attempts: 0, nextTryAt: null }
}

function shownProblem({
  typedSearchAttributes,
}: Pick<SeenInVisibility, 'typedSearchAttributes'>): Pick<Problem, 'name' | 'since'> | null {
  const published = typedSearchAttributes.get(SignupProblem)
  const name = PROBLEMS.find((known) => known === published)
  const since = typedSearchAttributes.get(SignupProblemSince)
  return name === undefined || since === undefined ? null : { name, since: since.toISOString() }
}
