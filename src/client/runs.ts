import { setTimeout as sleep } from 'node:timers/promises'
import { randomUUID } from 'node:crypto'
import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  QueryRejectedError,
  ServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client'
import { ActivityFailure, ApplicationFailure, CancelledFailure } from '@temporalio/common'
import type { AuditInput, AuditProgress, AuditResult } from '../contracts/audit.ts'
import type { BackfillInput, BackfillProgress, BackfillResult } from '../contracts/backfill.ts'
import { auditWorkflowId, backfillWorkflowId } from '../contracts/ids.ts'
import { pause, progress as progressQuery, resume } from '../contracts/messages.ts'
import { PROBLEMS } from '../contracts/problems.ts'
import { taskQueueOf, type System } from '../contracts/systems.ts'
import { OutsideError, type ProblemDetail } from '../domain/outside-error.ts'
import { problemText } from '../domain/problems.ts'
import { UsageError } from '../entry.ts'
import { unservedQueues } from './pollers.ts'
import { inTime } from './temporal.ts'

const ASK_MS = 500

const SILENT = [ServiceError, QueryNotRegisteredError, QueryRejectedError, WorkflowNotFoundError]

export type RunProgress = AuditProgress | BackfillProgress

/** Audits and backfills from outside. */
export interface Runs {
  /** Both return the workflow id. Refused where no worker would take it up. */
  startAudit(system: System, input: AuditInput): Promise<string>
  startBackfill(system: System, input: BackfillInput): Promise<string>
  /** Waits for the end, however long, telling of progress meanwhile. Throws the problem it failed of. */
  follow(workflowId: string, tell: (progress: RunProgress) => void): Promise<AuditResult | BackfillResult>
  /** False when no such backfill runs. `run`: what it is called by, or its workflow id. */
  control(system: System, run: string, wish: 'pause' | 'resume' | 'cancel'): Promise<boolean>
}

export function createRuns(client: Client): Runs {
  const start = async (
    type: 'audit' | 'backfill',
    system: System,
    workflowId: string,
    input: object,
  ): Promise<string> => {
    if ((await unservedQueues(client)).includes(taskQueueOf(system))) {
      const { sentence, fix } = problemText('no-worker', { system, identity: '', detail: {} })
      throw new UsageError(`${sentence} ${fix}`)
    }
    await inTime(client, () =>
      client.workflow.start(type, { workflowId, taskQueue: taskQueueOf(system), args: [input] }),
    )
    return workflowId
  }

  const ask = async (workflowId: string): Promise<RunProgress | null> => {
    try {
      return await inTime(client, () => client.workflow.getHandle(workflowId).query(progressQuery))
    } catch (error) {
      // Nobody answers just now, or the run has only begun or just ended: what counts is its result.
      if (SILENT.some((kind) => error instanceof kind) || isGrpcServiceError(error)) return null
      throw error
    }
  }

  return {
    startAudit: (system, input) => start('audit', system, auditWorkflowId(system, randomUUID()), input),
    startBackfill: (system, input) =>
      start('backfill', system, backfillWorkflowId(system, randomUUID()), input),

    async follow(workflowId, tell) {
      const ended = new AbortController()
      const telling = (async () => {
        while (!ended.signal.aborted) {
          const now = await ask(workflowId)
          if (now !== null && !ended.signal.aborted) tell(now)
          await sleep(ASK_MS, undefined, { signal: ended.signal }).catch((error: unknown) => {
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

    async control(system, run, wish) {
      const ids = run.includes('/') ? [run] : [backfillWorkflowId(system, run), run]
      for (const workflowId of ids) {
        const handle = client.workflow.getHandle(workflowId)
        try {
          const { status, type } = await inTime(client, () => handle.describe())
          if (type !== 'backfill' || status.name !== 'RUNNING') continue
          await inTime(client, async () => {
            if (wish === 'cancel') await handle.cancel()
            else await handle.signal(wish === 'pause' ? pause : resume)
          })
          return true
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error
        }
      }
      return false
    },
  }
}

/** What a run failed of, in the words of the table of problems. */
function failureOf(error: unknown, workflowId: string): unknown {
  if (!(error instanceof WorkflowFailedError)) return error
  const cause = error.cause instanceof ActivityFailure ? error.cause.cause : error.cause
  if (cause instanceof CancelledFailure)
    return new UsageError(`${workflowId} was cancelled.`, { cause: error })
  if (!(cause instanceof ApplicationFailure)) return error
  if (cause.type === 'bad-input') return new UsageError(cause.message, { cause: error })
  const problem = PROBLEMS.find((name) => name === cause.type)
  if (problem === undefined) return error
  const [carried] = (cause.details ?? []) as [{ detail?: ProblemDetail }?]
  return new OutsideError(problem, cause.message, { cause: error, detail: carried?.detail ?? {} })
}
