import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import type { System } from '../contracts/systems.ts'
import { withDeadline } from './temporal.ts'
import { findRuns, pageOfRuns, signupsOf, visibility, type VisibilityQuery } from './visibility.ts'

export interface RunningSignups {
  /**
   * A page of the workflow ids of running signups that are neither blocked nor waiting for a person. Visibility lags a
   * moment behind. `next` is null after the last page.
   */
  page(next: string | null): Promise<{ workflowIds: string[]; next: string | null }>
  /**
   * The workflow ids of signups that show a problem: a bounded number, which is enough to keep one cause from raising
   * two alerts.
   */
  blocked(): Promise<string[]>
  /** Whether the signup is running, blocked or not. */
  isRunning(workflowId: string): Promise<boolean>
}

const PAGE = 1_000
const MOST_BLOCKED = 10_000
/**
 * Signups that started earlier are left out: even at a rate-limited PDS, a signup gets its turn sooner, whatever the
 * queue.
 */
const LONGEST_MS = 24 * 3_600_000

function inProgressQuery(system: System): VisibilityQuery {
  const running = visibility`${signupsOf(system)} AND ExecutionStatus = 'Running'`
  const moving = visibility`SignupProblem IS NULL AND SignupStage != 'waiting-for-verification'`
  return visibility`${running} AND ${moving} AND StartTime > ${new Date(Date.now() - LONGEST_MS)}`
}

export function createRunningSignups(client: Client, system: System): RunningSignups {
  return {
    async page(next) {
      const page = await pageOfRuns(client, inProgressQuery(system), {
        size: PAGE,
        ...(next === null ? {} : { next: Buffer.from(next, 'base64') }),
      })
      return {
        workflowIds: page.runs.map(({ workflowId }) => workflowId),
        next: page.next.length === 0 ? null : Buffer.from(page.next).toString('base64'),
      }
    },

    blocked: () =>
      withDeadline(client, async () => {
        const query = visibility`${signupsOf(system)} AND ExecutionStatus = 'Running' AND SignupProblem IS NOT NULL`
        const workflowIds: string[] = []
        for await (const { workflowId } of findRuns(client, query, { most: MOST_BLOCKED }))
          workflowIds.push(workflowId)
        return workflowIds
      }),

    async isRunning(workflowId) {
      try {
        const { status } = await withDeadline(client, () => client.workflow.getHandle(workflowId).describe())
        return status.name === 'RUNNING'
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false
        throw error
      }
    },
  }
}
