import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { auditWorkflowId, backfillWorkflowId, runName } from '../contracts/ids.ts'
import { systemOfTaskQueue, taskQueueOf, type System } from '../contracts/systems.ts'
import { pageToken, readPageToken } from './page-token.ts'
import type { RunProgress, Runs } from './runs.ts'
import { withDeadline } from './temporal.ts'
import { infoOfRuns, visibility } from './visibility.ts'

const TYPES = ['audit', 'backfill'] as const
type RunType = (typeof TYPES)[number]

/** One audit or backfill. */
export interface RunSummary {
  /** The last part of its workflow id, or all of an id that an operator chose. */
  readonly id: string
  readonly workflowId: string
  readonly system: System
  readonly type: RunType
  /** As Temporal names it: `RUNNING`, `COMPLETED`, `FAILED`, `CANCELLED`, `TERMINATED`, … */
  readonly status: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly closedAt: string | null
}

export interface RunDetails extends RunSummary {
  /** Null where it has ended, or no worker answers. */
  readonly progress: RunProgress | null
  /** Null where it runs, or failed. */
  readonly result: unknown
}

/** Audits and backfills of these systems, newest first. `next` is that of the previous page of the same systems. */
export async function listRuns(
  client: Client,
  systems: readonly System[],
  { size, next }: { readonly size: number; readonly next?: string | undefined },
): Promise<{ runs: RunSummary[]; next: string | null }> {
  const query = visibility`WorkflowType IN (${TYPES}) AND TaskQueue IN (${systems.map(taskQueueOf)})`
  const from = next === undefined ? {} : { next: readPageToken(next, query) }
  const page = await infoOfRuns(client, query, { size, ...from })
  return {
    runs: page.runs.flatMap(({ workflowId, type, taskQueue, status, startedAt, closedAt }) => {
      const run = TYPES.find((one) => one === type)
      const system = systemOfTaskQueue(taskQueue)
      if (run === undefined || system === null) return []
      return [{ id: runName(workflowId), workflowId, system, type: run, status, startedAt, closedAt }]
    }),
    next: pageToken(page.next, query),
  }
}

/** The audit or backfill of this name or workflow id; null where none of these systems has one. */
export async function findRun(
  client: Client,
  runs: Pick<Runs, 'progress'>,
  systems: readonly System[],
  id: string,
): Promise<RunDetails | null> {
  const ids = [...systems.flatMap((one) => [backfillWorkflowId(one, id), auditWorkflowId(one, id)]), id]
  for (const workflowId of ids) {
    const handle = client.workflow.getHandle(workflowId)
    try {
      const found = await withDeadline(client, () => handle.describe())
      const type = TYPES.find((one) => one === found.type)
      const system = systemOfTaskQueue(found.taskQueue)
      if (type === undefined || system === null || !systems.includes(system)) continue
      const { name: status } = found.status
      return {
        id: runName(workflowId),
        workflowId,
        system,
        type,
        status,
        startedAt: found.startTime.toISOString(),
        closedAt: found.closeTime?.toISOString() ?? null,
        progress: status === 'RUNNING' ? await runs.progress(workflowId) : null,
        result: status === 'COMPLETED' ? await withDeadline(client, () => handle.result()) : null,
      }
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error
    }
  }
  return null
}
