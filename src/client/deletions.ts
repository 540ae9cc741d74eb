import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client'
import type { DeletionInput, DeletionProof } from '../contracts/deletion.ts'
import { deleteWorkflowId, identityInId, type IdentityHash } from '../contracts/ids.ts'
import { forced, requested, sweep, problemQuery } from '../contracts/messages.ts'
import type { Problem } from '../contracts/problems.ts'
import { taskQueueOf, type PersonRef, type System } from '../contracts/systems.ts'
import { isNoAnswer, noWorkerSince } from './signup-reader.ts'
import { withDeadline } from './temporal.ts'

/** Delay after which one run deletes everything that a burst of late events left. */
const SWEEP_DELAY = '10s'

/** The facts known about a deletion when it is requested. */
export type DeletionOptions = Pick<DeletionInput, 'deletedAt' | 'force' | 'by' | 'predatesInstall'>

export interface DeletionStatus {
  readonly workflowId: string
  /** Null while it runs. */
  readonly proof: DeletionProof | null
  readonly problem: Problem | null
}

export interface Deletions {
  /**
   * Starts the deletion of a person, or joins the running one: if that one has just learned that the provider knows the
   * person, it checks again. Durable when it returns.
   */
  start(person: PersonRef, options?: DeletionOptions): Promise<{ workflowId: string; runId: string }>
  /** Starts one more run, a little later, for data that was written after the deletion. */
  requestSweep(person: PersonRef): Promise<void>
  status(workflowId: string, runId: string): Promise<DeletionStatus | null>
}

export function createDeletions(client: Client, system: System, hash: IdentityHash): Deletions {
  const optionsFor = ({ tenant, identity }: PersonRef, more: DeletionOptions = {}) => {
    const input: DeletionInput = { system, tenant, identity, ...more }
    return {
      workflowId: deleteWorkflowId(system, tenant, identity, hash),
      taskQueue: taskQueueOf(system),
      args: [input],
      memo: { identity: identityInId(identity, hash) }, // for lists: the id does not show the identity
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `Deletion in ${tenant}`,
    } as const
  }

  /** The workflow is running, so Temporal answers: where a query times out, its worker did not answer. */
  const problemOf = async (handle: WorkflowHandle, startedAt: Date): Promise<Problem | null> => {
    try {
      return await withDeadline(client, () => handle.query(problemQuery))
    } catch (error) {
      if (isNoAnswer(error)) return noWorkerSince(system, startedAt.toISOString())
      throw error
    }
  }

  return {
    async start(person, more = {}) {
      const options = optionsFor(person, more)
      const { deletedAt, by } = more
      const signalArgs: [Pick<DeletionInput, 'deletedAt' | 'by'>] = [
        { ...(deletedAt === undefined ? {} : { deletedAt }), ...(by === undefined ? {} : { by }) },
      ]
      // Always with a signal: a joined run keeps its input, and may be about to end.
      const { signaledRunId } = await withDeadline(client, () =>
        more.force === true
          ? client.workflow.signalWithStart('deleteUser', { ...options, signal: forced })
          : client.workflow.signalWithStart('deleteUser', { ...options, signal: requested, signalArgs }),
      )
      return { workflowId: options.workflowId, runId: signaledRunId }
    },

    async requestSweep(person) {
      const options = { ...optionsFor(person), startDelay: SWEEP_DELAY } as const
      // With a signal, so that a run that is about to end makes another round, which joining it alone would not cause.
      await withDeadline(client, () =>
        client.workflow.signalWithStart('deleteUser', { ...options, signal: sweep.name }),
      )
    },

    async status(workflowId, runId) {
      const handle = client.workflow.getHandle(workflowId, runId)
      try {
        const { status, startTime } = await withDeadline(client, () => handle.describe())
        if (status.name === 'COMPLETED') {
          const proof = await withDeadline(client, () => handle.result() as Promise<DeletionProof>)
          return { workflowId, proof, problem: null }
        }
        return { workflowId, proof: null, problem: await problemOf(handle, startTime) }
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null
        throw error
      }
    },
  }
}
