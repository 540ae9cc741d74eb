import { setTimeout as sleep } from 'node:timers/promises'
import { randomUUID } from 'node:crypto'
import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  QueryRejectedError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowStartOptions,
} from '@temporalio/client'
import { ActivityFailure, ApplicationFailure, CancelledFailure } from '@temporalio/common'
import type { AuditInput, AuditProgress, AuditResult } from '../contracts/audit.ts'
import type { BackfillInput, BackfillProgress, BackfillResult } from '../contracts/backfill.ts'
import { auditWorkflowId, backfillWorkflowId } from '../contracts/ids.ts'
import { pause, progress as progressQuery, resume } from '../contracts/messages.ts'
import { problemNamed } from '../contracts/problems.ts'
import { systemOfTaskQueue, taskQueueOf, type System } from '../contracts/systems.ts'
import { OutsideError, type ProblemDetail } from '../domain/outside-error.ts'
import { problemText } from '../domain/problems.ts'
import { UsageError } from '../errors.ts'
import { unservedQueues } from './pollers.ts'
import { withDeadline } from './temporal.ts'
import { findRuns, runsOf, visibility } from './visibility.ts'

const POLL_INTERVAL_MS = 500

const ONCE = { workflowIdReusePolicy: 'REJECT_DUPLICATE', workflowIdConflictPolicy: 'FAIL' } as const

const NO_ANSWER_ERRORS = [ServiceError, QueryNotRegisteredError, QueryRejectedError, WorkflowNotFoundError]

export type RunProgress = AuditProgress | BackfillProgress

export interface RunningBackfill {
  readonly workflowId: string
  readonly system: System
}

/** A start that happens once, however often it is requested: a second one joins the first, also after its end. */
export interface OneStart {
  /** The name of the run. */
  readonly name: string
  /** A digest of the request: another request under the same name is a `StartedOtherwise`. */
  readonly request: string
}

/** A run of this name was started by another request. */
export class StartedOtherwise extends Error {
  override readonly name = 'StartedOtherwise'
}

/** No worker would accept the workflow. */
export class NoWorkerError extends UsageError {}

/** Starts, follows and controls audits and backfills. */
export interface Runs {
  /** Both return the workflow id. They refuse where no worker would accept the workflow. */
  startAudit(system: System, input: AuditInput): Promise<string>
  startBackfill(system: System, input: BackfillInput, once?: OneStart): Promise<string>
  /** Null where no worker answers, or the run has just started or ended. */
  progress(workflowId: string): Promise<RunProgress | null>
  /** Waits for the end, however long, and reports progress meanwhile. Throws the problem with which the run failed. */
  follow(workflowId: string, tell: (progress: RunProgress) => void): Promise<AuditResult | BackfillResult>
  /**
   * The backfill that is running under this name or workflow id, and the system whose task queue it runs on; null where
   * there is none. `systems`: those whose backfills may have the name.
   */
  findBackfill(run: string, systems: readonly System[]): Promise<RunningBackfill | null>
  /** False where it has ended meanwhile. */
  control(workflowId: string, wish: 'pause' | 'resume' | 'cancel'): Promise<boolean>
}

export function createRuns(client: Client): Runs {
  const start = async (
    type: 'audit' | 'backfill',
    system: System,
    workflowId: string,
    input: object,
    once: Partial<WorkflowStartOptions> = {},
  ): Promise<string> => {
    if ((await unservedQueues(client, system)).includes(taskQueueOf(system))) {
      const { sentence, fix } = problemText('no-worker', { system, identity: '', detail: {} })
      throw new NoWorkerError(`${sentence} ${fix}`)
    }
    await withDeadline(client, () =>
      client.workflow.start(type, { workflowId, taskQueue: taskQueueOf(system), args: [input], ...once }),
    )
    return workflowId
  }

  return {
    startAudit: (system, input) => start('audit', system, auditWorkflowId(system, randomUUID()), input),
    async startBackfill(system, input, once) {
      if (once === undefined)
        return start('backfill', system, backfillWorkflowId(system, randomUUID()), input)
      const { name, request } = once
      const workflowId = backfillWorkflowId(system, name)
      try {
        return await start('backfill', system, workflowId, input, { ...ONCE, memo: { request } })
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
        const { memo } = await withDeadline(client, () => client.workflow.getHandle(workflowId).describe())
        const first = memo?.['request']
        if (first !== undefined && first !== request) throw new StartedOtherwise(workflowId, { cause: error })
        return workflowId
      }
    },
    progress: (workflowId) => queryProgress<RunProgress>(client, workflowId),

    async follow(workflowId, tell) {
      const ended = new AbortController()
      const telling = (async () => {
        while (!ended.signal.aborted) {
          const now = await queryProgress<RunProgress>(client, workflowId)
          if (now !== null && !ended.signal.aborted) tell(now)
          await sleep(POLL_INTERVAL_MS, undefined, { signal: ended.signal }).catch((error: unknown) => {
            if (!ended.signal.aborted) throw error
          })
        }
      })()
      try {
        return await (client.workflow.getHandle(workflowId).result() as Promise<AuditResult | BackfillResult>)
      } catch (error) {
        throw failureOf(error, workflowId)
      } finally {
        ended.abort()
        await telling
      }
    },

    async findBackfill(run, systems) {
      const ids = run.includes('/')
        ? [run]
        : [...systems.map((system) => backfillWorkflowId(system, run)), run]
      for (const workflowId of ids) {
        const handle = client.workflow.getHandle(workflowId)
        try {
          const { status, type, taskQueue } = await withDeadline(client, () => handle.describe())
          const system = systemOfTaskQueue(taskQueue)
          if (type !== 'backfill' || status.name !== 'RUNNING' || system === null) continue
          if (systems.includes(system)) return { workflowId, system }
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error
        }
      }
      return null
    },

    async control(workflowId, wish) {
      const handle = client.workflow.getHandle(workflowId)
      try {
        await withDeadline(client, async () => {
          if (wish === 'cancel') await handle.cancel()
          else await handle.signal(wish === 'pause' ? pause : resume)
        })
        return true
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error
        return false
      }
    },
  }
}

/** The most running backfills whose progress is asked for; a system has one or two. */
const MOST_BACKFILLS = 10

/** The progress of each running backfill of the system; null for one that does not answer at the moment. */
export async function runningBackfills(client: Client, system: System): Promise<(BackfillProgress | null)[]> {
  const query = visibility`${runsOf(system)} AND WorkflowType = 'backfill' AND ExecutionStatus = 'Running'`
  const running: string[] = []
  for await (const { workflowId } of findRuns(client, query, { most: MOST_BACKFILLS }))
    running.push(workflowId)
  return Promise.all(running.map((id) => queryProgress<BackfillProgress>(client, id)))
}

async function queryProgress<P extends RunProgress>(client: Client, workflowId: string): Promise<P | null> {
  try {
    return (await withDeadline(client, () => client.workflow.getHandle(workflowId).query(progressQuery))) as P
  } catch (error) {
    // No worker answers at the moment, or the run has only started or just ended: its result is what counts.
    if (NO_ANSWER_ERRORS.some((kind) => error instanceof kind) || isGrpcServiceError(error)) return null
    throw error
  }
}

/** The problem with which a run failed, in the words of the table of problems. */
function failureOf(error: unknown, workflowId: string): unknown {
  if (!(error instanceof WorkflowFailedError)) return error
  const cause = error.cause instanceof ActivityFailure ? error.cause.cause : error.cause
  if (cause instanceof CancelledFailure)
    return new UsageError(`${workflowId} was cancelled.`, { cause: error })
  if (!(cause instanceof ApplicationFailure)) return error
  if (cause.type === 'bad-input') return new UsageError(cause.message, { cause: error })
  const problem = problemNamed(cause.type)
  if (problem === null) return error
  const [carried] = (cause.details ?? []) as [{ detail?: ProblemDetail }?]
  return new OutsideError(problem, cause.message, { cause: error, detail: carried?.detail ?? {} })
}
