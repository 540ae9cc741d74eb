import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { syncHandleWorkflowId, watchHandlesWorkflowId, type IdentityHash } from '../../contracts/ids.ts'
import type {
  HandleSyncEnd,
  HandleSyncInput,
  HandleSyncResult,
  HandleSyncStatus,
} from '../../contracts/atproto/handle-sync.ts'
import { changed, problemQuery } from '../../contracts/messages.ts'
import type { RetryOptions } from '../../contracts/signup.ts'
import { taskQueueOf, type PersonRef } from '../../contracts/systems.ts'
import { withDeadline } from '../temporal.ts'

export interface HandleSyncs {
  /** Starts the person's `syncHandle`, or signals the running one to check again. Durable when it returns. */
  requestSync(person: PersonRef & { reportTo?: string | undefined }): Promise<{ workflowId: string }>
  /** Makes sure that `@handles` is watched; joins the running workflow where there is one. */
  ensureWatcher(): Promise<void>
  /** The state of the latest sync; null where there was none. */
  status(person: PersonRef): Promise<HandleSyncStatus | null>
}

const ENDED: Readonly<Record<string, HandleSyncEnd>> = {
  TERMINATED: 'terminated',
  FAILED: 'failed',
  CANCELLED: 'canceled',
  TIMED_OUT: 'timed out',
}

export function createHandleSyncs(client: Client, hash: IdentityHash): HandleSyncs {
  const idOf = ({ tenant, identity }: PersonRef): string =>
    syncHandleWorkflowId('atproto', tenant, identity, hash)

  return {
    async requestSync({ tenant, identity, reportTo }) {
      const wish: RetryOptions = reportTo === undefined ? {} : { reportTo }
      const input: HandleSyncInput = { identity, tenant, ...wish }
      const workflowId = idOf({ tenant, identity })
      await withDeadline(client, () =>
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

    async ensureWatcher() {
      await withDeadline(client, () =>
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
        const { status } = await withDeadline(client, () => handle.describe())
        if (status.name === 'COMPLETED') {
          const synced = await withDeadline(client, () => handle.result() as Promise<HandleSyncResult>)
          return { ...common, synced, ended: null, problem: null }
        }
        const ended = ENDED[status.name] ?? null
        const problem = ended === null ? await withDeadline(client, () => handle.query(problemQuery)) : null
        return { ...common, synced: null, ended, problem }
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null
        throw error
      }
    },
  }
}
