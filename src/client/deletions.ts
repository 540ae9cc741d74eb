import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client'
import type { DeletionInput, DeletionProof } from '../contracts/deletion.ts'
import { deleteWorkflowId, nameInId, type IdentityHash } from '../contracts/ids.ts'
import { forced, sweep, trouble } from '../contracts/messages.ts'
import type { Problem } from '../contracts/problems.ts'
import { taskQueueOf, type PersonRef } from '../contracts/systems.ts'
import { isSilence, noWorkerSince } from './signup-reader.ts'
import { inTime } from './temporal.ts'

/** One run takes away what a burst of late events left. */
const SWEEP_DELAY = '10s'

export interface DeletionStatus {
  readonly workflowId: string
  /** Null while it runs. */
  readonly proof: DeletionProof | null
  readonly problem: Problem | null
}

export interface Deletions {
  /** Starts the deletion of a person, or joins the one that runs, which `force` reaches. Durable when it returns. */
  start(
    person: PersonRef,
    options?: Pick<DeletionInput, 'deletedAt' | 'force'>,
  ): Promise<{ workflowId: string; runId: string }>
  /** One more run, a little later, for what came after the deletion. */
  sweep(person: PersonRef): Promise<void>
  status(workflowId: string, runId: string): Promise<DeletionStatus | null>
}

export function createDeletions(client: Client, hash: IdentityHash): Deletions {
  const optionsFor = (
    { tenant, identity }: PersonRef,
    more: Pick<DeletionInput, 'deletedAt' | 'force'> = {},
  ) => {
    const input: DeletionInput = { system: 'atproto', tenant, identity, ...more }
    return {
      workflowId: deleteWorkflowId('atproto', tenant, identity, hash),
      taskQueue: taskQueueOf('atproto'),
      args: [input],
      memo: { identity: nameInId(identity, hash) }, // for lists: the id names nobody
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `Deletion in ${tenant}`,
    } as const
  }

  /** It runs, so Temporal answers: where the query meets silence, it is the worker's. */
  const troubleOf = async (handle: WorkflowHandle, startedAt: Date): Promise<Problem | null> => {
    try {
      return await inTime(client, () => handle.query(trouble))
    } catch (error) {
      if (isSilence(error)) return noWorkerSince(startedAt.toISOString())
      throw error
    }
  }

  return {
    async start(person, more) {
      const options = optionsFor(person, more)
      if (more?.force === true) {
        // As a signal too, since a run that is joined keeps what it began with.
        const { signaledRunId } = await inTime(client, () =>
          client.workflow.signalWithStart('deleteUser', { ...options, signal: forced }),
        )
        return { workflowId: options.workflowId, runId: signaledRunId }
      }
      const { firstExecutionRunId } = await inTime(client, () => client.workflow.start('deleteUser', options))
      return { workflowId: options.workflowId, runId: firstExecutionRunId }
    },

    async sweep(person) {
      const options = { ...optionsFor(person), startDelay: SWEEP_DELAY } as const
      // As a signal, so that a run about to end goes round once more instead of being joined in vain.
      await inTime(client, () =>
        client.workflow.signalWithStart('deleteUser', { ...options, signal: sweep.name }),
      )
    },

    async status(workflowId, runId) {
      const handle = client.workflow.getHandle(workflowId, runId)
      try {
        const { status, startTime } = await inTime(client, () => handle.describe())
        if (status.name === 'COMPLETED') {
          const proof = await inTime(client, () => handle.result() as Promise<DeletionProof>)
          return { workflowId, proof, problem: null }
        }
        return { workflowId, proof: null, problem: await troubleOf(handle, startTime) }
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null
        throw error
      }
    },
  }
}
