import type { Client } from '@temporalio/client'
import { catchUpProgress, type CatchUpInput, type CatchUpProgress } from '../contracts/catch-up.ts'
import { catchUpWorkflowId } from '../contracts/ids.ts'
import { taskQueueOf } from '../contracts/systems.ts'
import { inTime } from './temporal.ts'

export interface CatchUps {
  /** Has a tenant's log read now; joins a catch-up that was asked for before and still runs. */
  start(tenant: string): Promise<{ workflowId: string }>
  /** How far it is, and whether it has ended. Throws when it ended as it should not. */
  progress(workflowId: string): Promise<{ ended: boolean; progress: CatchUpProgress }>
}

export function createCatchUps(client: Client): CatchUps {
  return {
    async start(tenant) {
      const input: CatchUpInput = { system: 'atproto', tenant }
      const workflowId = catchUpWorkflowId('atproto', tenant)
      await inTime(client, () =>
        client.workflow.start('catchUp', {
          workflowId,
          taskQueue: taskQueueOf('atproto'),
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `Catch-up of ${tenant}, by command`,
        }),
      )
      return { workflowId }
    },

    progress: (workflowId) =>
      inTime(client, async () => {
        const handle = client.workflow.getHandle(workflowId)
        const { status } = await handle.describe()
        return status.name === 'RUNNING'
          ? { ended: false, progress: await handle.query(catchUpProgress) }
          : { ended: true, progress: (await handle.result()) as CatchUpProgress }
      }),
  }
}
