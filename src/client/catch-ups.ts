import type { Client } from '@temporalio/client'
import { catchUpProgress, type CatchUpInput, type CatchUpProgress } from '../contracts/catch-up.ts'
import { catchUpWorkflowId } from '../contracts/ids.ts'
import { NO_TENANT, taskQueueOf, type System } from '../contracts/systems.ts'
import { withDeadline } from './temporal.ts'

export interface CatchUps {
  /** Starts reading a tenant's news now, or joins such a catch-up that is still running. */
  start(tenant: string): Promise<{ workflowId: string }>
  /** The progress, and whether it has ended. Throws where it did not complete. */
  progress(workflowId: string): Promise<{ ended: boolean; progress: CatchUpProgress }>
}

export function createCatchUps(client: Client, system: System): CatchUps {
  return {
    async start(tenant) {
      const input: CatchUpInput = catchUpInput(system, tenant)
      const workflowId = catchUpWorkflowId(system, tenant)
      await withDeadline(client, () =>
        client.workflow.start('catchUp', {
          workflowId,
          taskQueue: taskQueueOf(system),
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: tenant === NO_TENANT ? 'Catch-up, by command' : `Catch-up of ${tenant}, by command`,
        }),
      )
      return { workflowId }
    },

    progress: (workflowId) =>
      withDeadline(client, async () => {
        const handle = client.workflow.getHandle(workflowId)
        const { status } = await handle.describe()
        return status.name === 'RUNNING'
          ? { ended: false, progress: await handle.query(catchUpProgress) }
          : { ended: true, progress: (await handle.result()) as CatchUpProgress }
      }),
  }
}

export function catchUpInput(system: System, tenant: string): CatchUpInput {
  return tenant === NO_TENANT ? { system } : { system, tenant }
}
