import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { syncHandleWorkflowId, watchHandlesWorkflowId, type IdentityHash } from '../contracts/ids.ts'
import type { HandleSyncInput, HandleSynced, HandleSyncStatus } from '../contracts/handle-sync.ts'
import { changed, trouble } from '../contracts/messages.ts'
import type { RetryWish } from '../contracts/signup.ts'
import { taskQueueOf, type PersonRef } from '../contracts/systems.ts'
import { inTime } from './temporal.ts'

export interface HandleSyncs {
  /** Starts the person's `syncHandle`, or tells the one that runs to look again. Durable when it returns. */
  ask(person: PersonRef & { reportTo?: string | undefined }): Promise<{ workflowId: string }>
  /** Makes sure that `@handles` is watched; joins the one watch there is. */
  watch(): Promise<void>
  /** How the latest sync stands; null where there was none. */
  status(person: PersonRef): Promise<HandleSyncStatus | null>
}

export function createHandleSyncs(client: Client, hash: IdentityHash): HandleSyncs {
  const idOf = ({ tenant, identity }: PersonRef): string =>
    syncHandleWorkflowId('atproto', tenant, identity, hash)

  return {
    async ask({ tenant, identity, reportTo }) {
      const wish: RetryWish = reportTo === undefined ? {} : { reportTo }
      const input: HandleSyncInput = { identity, tenant, ...wish }
      const workflowId = idOf({ tenant, identity })
      await inTime(client, () =>
        client.workflow.signalWithStart('syncHandle', {
          workflowId,
          taskQueue: taskQueueOf('atproto'),
          args: [input],
          signal: changed,
          signalArgs: [wish],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `Handle in ${tenant}`,
        }),
      )
      return { workflowId }
    },

    async watch() {
      await inTime(client, () =>
        client.workflow.start('watchHandles', {
          workflowId: watchHandlesWorkflowId('atproto'),
          taskQueue: taskQueueOf('atproto'),
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: 'Changes of handles',
        }),
      )
    },

    async status(person) {
      const workflowId = idOf(person)
      const handle = client.workflow.getHandle(workflowId)
      const common = { identity: person.identity, workflowId }
      try {
        const { status } = await inTime(client, () => handle.describe())
        if (status.name === 'COMPLETED') {
          const synced = await inTime(client, () => handle.result() as Promise<HandleSynced>)
          return { ...common, synced, problem: null }
        }
        return { ...common, synced: null, problem: await inTime(client, () => handle.query(trouble)) }
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null
        throw error
      }
    },
  }
}
