import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { SIGNUP_WORKFLOW_TYPES } from '../contracts/systems.ts'
import { inTime } from './temporal.ts'

export interface RunningSignups {
  /**
   * A page of the workflow ids of signups that run with nothing holding them up and nobody to wait for. Visibility
   * lags a moment behind. `next` is null after the last page.
   */
  page(next: string | null): Promise<{ workflowIds: string[]; next: string | null }>
  /** Whether one runs, whatever holds it up. */
  has(workflowId: string): Promise<boolean>
}

const PAGE = 1_000
/** What has been on its way for longer is not: its turn at a paced PDS comes sooner, whatever the queue. */
const LONGEST_MS = 24 * 3_600_000

function query(now: number): string {
  return [
    `WorkflowType = '${SIGNUP_WORKFLOW_TYPES.atproto}'`,
    `ExecutionStatus = 'Running'`,
    'SignupProblem IS NULL',
    `SignupStage != 'waiting-for-verification'`,
    `StartTime > '${new Date(now - LONGEST_MS).toISOString()}'`,
  ].join(' AND ')
}

export function createRunningSignups(client: Client): RunningSignups {
  return {
    async page(next) {
      const { executions, nextPageToken } = await inTime(client, () =>
        client.workflowService.listWorkflowExecutions({
          namespace: client.options.namespace,
          query: query(Date.now()),
          pageSize: PAGE,
          ...(next === null ? {} : { nextPageToken: Buffer.from(next, 'base64') }),
        }),
      )
      const token = Buffer.from(nextPageToken ?? [])
      return {
        workflowIds: (executions ?? []).flatMap(({ execution }) => execution?.workflowId ?? []),
        next: token.length === 0 ? null : token.toString('base64'),
      }
    },

    async has(workflowId) {
      try {
        const { status } = await inTime(client, () => client.workflow.getHandle(workflowId).describe())
        return status.name === 'RUNNING'
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false
        throw error
      }
    },
  }
}
