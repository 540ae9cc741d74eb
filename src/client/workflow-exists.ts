import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { withDeadline } from './temporal.ts'

/** Whether Temporal has any run under this workflow id, also one that visibility does not show yet. */
export async function workflowExists(client: Client, workflowId: string): Promise<boolean> {
  try {
    await withDeadline(client, () => client.workflow.getHandle(workflowId).describe())
    return true
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}
