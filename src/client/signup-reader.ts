import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
} from '@temporalio/client'
import pMap from 'p-map'
import { status as statusQuery } from '../contracts/messages.ts'
import { parseSignupWorkflowId } from '../contracts/ids.ts'
import { problemNamed, type Problem, type ProblemName } from '../contracts/problems.ts'
import { SignupCode, SignupProblem, SignupProblemSince, SignupStage } from '../contracts/search-attributes.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import { stageNames, type Stage } from '../contracts/stages.ts'
import { taskQueueOf, type System } from '../contracts/systems.ts'
import { workflowsOf } from '../contracts/vocabulary.ts'
import type { WorkerReport } from '../contracts/workers.ts'
import { problemText } from '../domain/problems.ts'
import { GRPC, hasGrpcCode } from './grpc-errors.ts'
import { pageToken, readPageToken } from './page-token.ts'
import { unservedQueues } from './pollers.ts'
import { withDeadline } from './temporal.ts'
import { allConditions, pageOfRuns, signupsOf, visibility, type VisibilityQuery } from './visibility.ts'

/** Temporal's number for a workflow task that a worker has started. A worker that dies loses it within ten seconds. */
const TASK_STARTED = 2
const IN_A_STEP =
  'A worker is running a long step of this signup, so its status is not available yet. Try again.'

/** Status queries at once. */
const AT_ONCE = 10

export interface SignupFilter {
  readonly stage?: Stage | undefined
  readonly problem?: ProblemName | undefined
  /** Only those with a problem. */
  readonly blocked?: boolean | undefined
  /** Only those that have not ended. */
  readonly running?: boolean | undefined
}

export interface SignupPage {
  readonly signups: readonly SignupStatus[]
  /** Token for the next page; null at the end. */
  readonly next: string | null
  /**
   * Notices about everything that blocks all signups, each a sentence: a missing worker is one notice, not a hundred
   * blocked signups.
   */
  readonly notices: readonly string[]
}

export interface SignupReader {
  /** One signup; null when none was ever started (or its history is past retention). */
  status(workflowId: string): Promise<SignupStatus | null>
  /**
   * Signups, running ones first, newest first; one row a person. Visibility lags a moment behind. `next` is that of the
   * previous page with the same filter; anything else is a `UsageError`.
   */
  list(filter: SignupFilter, page?: { size?: number; next?: string | undefined }): Promise<SignupPage>
}

/** The workers' reports about themselves; null where they cannot be read. */
export type ReadReports = () => Promise<readonly WorkerReport[] | null>

/**
 * Reads signups from Temporal alone, whether or not a worker answers. With `reports`, a list detects a worker that
 * hangs within seconds; without, once Temporal has not heard from it for over a minute.
 */
export function createSignupReader(
  client: Client,
  system: System,
  { answerMs, reports = () => Promise.resolve(null) }: { answerMs?: number; reports?: ReadReports } = {},
): SignupReader {
  return {
    status: async (workflowId) =>
      readStatus(
        { client, system, answerMs },
        workflowId,
        await withDeadline(client, () => unservedQueues(client, system), answerMs),
      ),

    async list(filter, { size = 50, next } = {}) {
      const query = matching(system, filter)
      const from = next === undefined ? {} : { next: readPageToken(next, query) }
      const page = await pageOfRuns(client, query, { size, ...from })
      const unserved = await unservedQueues(client, system, await reports())
      const rows = await pMap(
        page.runs,
        ({ workflowId, runId }) => readStatus({ client, system, answerMs }, workflowId, unserved, runId),
        { concurrency: AT_ONCE },
      )
      return {
        signups: rows.filter((row) => row !== null),
        next: pageToken(page.next, query),
        notices: unserved.length === 0 ? [] : [noWorker(system)],
      }
    },
  }
}

function matching(system: System, { stage, problem, blocked, running }: SignupFilter): VisibilityQuery {
  const onlyRunning = blocked === true || problem !== undefined || running === true
  return allConditions([
    signupsOf(system),
    ...(stage === undefined ? [] : [visibility`SignupStage = ${stage}`]),
    ...(problem === undefined ? [] : [visibility`SignupProblem = ${problem}`]),
    ...(blocked === true ? [visibility`SignupProblem IS NOT NULL`] : []),
    ...(onlyRunning ? [visibility`ExecutionStatus = 'Running'`] : []),
  ])
}

/** Temporal, the system asked about, and the longest one of its answers may take; the default when left out. */
interface TemporalAccess {
  readonly client: Client
  readonly system: System
  readonly answerMs: number | undefined
}

/** With `onlyRun`, null where a later run of the same signup exists. */
async function readStatus(
  asked: TemporalAccess,
  workflowId: string,
  unserved: string[],
  onlyRun?: string,
): Promise<SignupStatus | null> {
  const { client, system, answerMs } = asked
  const handle = client.workflow.getHandle(workflowId)
  try {
    const description = await withDeadline(client, () => handle.describe(), answerMs)
    if (onlyRun !== undefined && description.runId !== onlyRun) return null
    if (description.status.name === 'COMPLETED')
      return await withDeadline(client, () => handle.result() as Promise<SignupStatus>, answerMs)
    const known = statusFromAttributes(system, description)
    if (description.status.name !== 'RUNNING') {
      return { ...known, notices: [`The workflow ended as ${description.status.name}: start it again.`] }
    }
    const waitsFor = pendingQueues(system, description).find((queue) => unserved.includes(queue))
    if (waitsFor !== undefined || unserved.includes(taskQueueOf(system))) {
      return { ...known, ...withoutWorker(system, known, description, waitsFor) }
    }
    return await queryStatus(asked, known, description, unserved)
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}

/**
 * Temporal has just answered, so a failure now concerns this workflow or its worker alone: it must not hide the others.
 */
async function queryStatus(
  { client, system, answerMs }: TemporalAccess,
  known: SignupStatus,
  description: WorkflowExecutionDescription,
  unserved: string[],
): Promise<SignupStatus> {
  try {
    return await withDeadline(
      client,
      () => client.workflow.getHandle(known.workflowId).query(statusQuery),
      answerMs,
    )
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error
    if (!isNoAnswer(error)) {
      return { ...known, notices: [`The workflow could not be queried: ${String(error)}`] }
    }
    const now = await withDeadline(
      client,
      () => client.workflow.getHandle(known.workflowId).describe(),
      answerMs,
    )
    // A task that a worker has taken since, or that has waited only since then, shows that the worker is busy, not
    // missing.
    const before = description.raw.pendingWorkflowTask
    const isBusy = before ? !isSameTask(before, now.raw.pendingWorkflowTask) : false
    if (isBusy || now.raw.pendingWorkflowTask?.state === TASK_STARTED) {
      return { ...known, notices: [IN_A_STEP] }
    }
    // A worker that died a moment ago still counts as a poller. The other rows need not wait for it.
    if (!unserved.includes(taskQueueOf(system))) unserved.push(taskQueueOf(system))
    const waitsFor = description.raw.pendingWorkflowTask ? taskQueueOf(system) : undefined
    return { ...known, ...withoutWorker(system, known, description, waitsFor) }
  }
}

type PendingTask = WorkflowExecutionDescription['raw']['pendingWorkflowTask']

/** Whether both are one attempt of one workflow task. */
function isSameTask(one: PendingTask, other: PendingTask): boolean {
  const key = (task: PendingTask): string =>
    [task?.scheduledTime?.seconds, task?.scheduledTime?.nanos, task?.attempt].join('/')
  return key(one) === key(other)
}

/** Whether a call timed out. For a query, while Temporal itself answers, this means that no worker answered. */
export function isNoAnswer(error: unknown): boolean {
  return hasGrpcCode(error, GRPC.deadlineExceeded)
}

/** The problem concerns no single person, so its text names none. */
function noWorkerText(system: System): Pick<Problem, 'sentence' | 'fix'> {
  return problemText('no-worker', { system, identity: '', detail: {} })
}

function noWorker(system: System): string {
  const { sentence, fix } = noWorkerText(system)
  return `${sentence} ${fix}`
}

/** The queues on which a task of this signup waits for a worker. */
function pendingQueues(system: System, { raw }: WorkflowExecutionDescription): string[] {
  const pending = new Set((raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name))
  const queues = Object.entries(workflowsOf(system).activityQueues)
    .filter(([, activities]) => activities.some((name) => pending.has(name)))
    .map(([queue]) => queue)
  return raw.pendingWorkflowTask ? [taskQueueOf(system), ...queues] : queues
}

/** A missing worker does not block a signup that only waits for its person yet; the operator gets a notice all the same. */
function withoutWorker(
  system: System,
  known: SignupStatus,
  { raw }: WorkflowExecutionDescription,
  waitsFor: string | undefined,
): Pick<SignupStatus, 'problem' | 'notices'> {
  if (waitsFor === undefined) return { problem: known.problem, notices: [noWorker(system)] }
  const seconds = Number(raw.pendingWorkflowTask?.originalScheduledTime?.seconds ?? 0)
  const since = seconds === 0 ? known.stageSince : new Date(seconds * 1_000).toISOString()
  return { problem: noWorkerSince(system, since), notices: [] }
}

/** `since`: ISO 8601. */
export function noWorkerSince(system: System, since: string): Problem {
  return { name: 'no-worker', ...noWorkerText(system), since, attempts: 0, nextTryAt: null }
}

/** The status that search attributes alone show. */
export function statusFromAttributes(system: System, description: VisibleRun): SignupStatus {
  const { workflowId, typedSearchAttributes, startTime } = description
  const id = parseSignupWorkflowId(workflowId)
  const identity = id?.identity ?? workflowId
  const stage = typedSearchAttributes.get(SignupStage)
  const stages = stageNames(system)
  return {
    system,
    tenant: id?.tenant ?? '-',
    identity,
    workflowId,
    stage: stages.find((name) => name === stage) ?? stages[0],
    stageSince: startTime.toISOString(),
    problem: problemFrom(system, description, identity),
    code: typedSearchAttributes.get(SignupCode) ?? null,
    handle: null,
    did: null,
    notices: [],
  }
}

type VisibleRun = Pick<WorkflowExecutionInfo, 'workflowId' | 'typedSearchAttributes' | 'startTime'>

function problemFrom(system: System, seen: VisibleRun, identity: string): Problem | null {
  const shown = shownProblem(seen)
  if (shown === null) return null
  const text = problemText(shown.name, { system, identity, detail: {} })
  return { ...shown, ...text, attempts: 0, nextTryAt: null }
}

/** The problem of a workflow other than a signup; its fix is worded for all workflows with that problem. */
export function problemFromAttributes(
  system: System,
  seen: Pick<VisibleRun, 'typedSearchAttributes'>,
): Problem | null {
  const shown = shownProblem(seen)
  if (shown === null) return null
  const text = problemText(shown.name, { system, identity: '', detail: {}, many: shown.name })
  return { ...shown, ...text, attempts: 0, nextTryAt: null }
}

function shownProblem({
  typedSearchAttributes,
}: Pick<VisibleRun, 'typedSearchAttributes'>): Pick<Problem, 'name' | 'since'> | null {
  const published = typedSearchAttributes.get(SignupProblem)
  const name = problemNamed(published)
  const since = typedSearchAttributes.get(SignupProblemSince)
  return name === null || since === undefined ? null : { name, since: since.toISOString() }
}
