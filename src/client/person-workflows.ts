import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { signupWorkflowId, type IdentityHash } from '../contracts/ids.ts'
import { SignupProblem, SignupStage } from '../contracts/search-attributes.ts'
import type { PersonRef, System } from '../contracts/systems.ts'
import { workflowsOf } from '../contracts/vocabulary.ts'
import { IN_FLIGHT_DRAIN_MS } from '../domain/retries/in-flight.ts'
import { allSettledOrThrow } from './all-settled-or-throw.ts'
import { GRPC, hasGrpcCode } from './grpc-errors.ts'
import { withDeadline } from './temporal.ts'
import { findRunsOf } from './visibility.ts'
import { workflowExists } from './workflow-exists.ts'

/**
 * Temporal deletes a closed run once it has noted, at an interval of its own (`history.transferProcessorUpdateAckInterval`,
 * 30 s with a jitter of 15 %), that the run's end is dealt with. A deletion that is requested earlier is tried again at
 * growing pauses, and until it succeeds no run that closed after the request can be deleted: requests for many people
 * who are deleted one after another would wait for each other for minutes.
 */
const ACK_MS = 36_000
/** Most runs of one workflow that one query reads: the next finds the rest once these are deleted. */
const MOST_RUNS = 1_000

/** One run of a workflow of a person. */
export interface WorkflowRun {
  readonly workflowId: string
  readonly runId: string
  readonly type: string
  readonly status: string
  readonly startedAt: string
  readonly closedAt: string | null
  readonly stage: string | null
  readonly problem: string | null
}

/**
 * Work that may still write for a person after their workflows were terminated: nothing, a short activity, or a call to
 * the PDS.
 */
export type InFlightWork = keyof typeof IN_FLIGHT_DRAIN_MS

/** The workflows of one person: their signup and their handle sync, every run of them. */
export interface PersonWorkflows {
  /**
   * Terminates the running ones. Returns which of their activities may still be in flight, since a worker's running
   * activity is not interrupted.
   */
  terminate(person: PersonRef): Promise<InFlightWork>
  /**
   * Deletes the closed runs that `list` finds, but those that closed so recently that Temporal could not delete them at
   * once; returns the run ids of all that it finds. Visibility lags: repeat until it finds none.
   */
  deleteClosed(person: PersonRef): Promise<string[]>
  /** Whether Temporal has any run of them, also one that visibility does not show yet. */
  exist(person: PersonRef): Promise<boolean>
  /** At most a thousand runs of each of the person's workflows, newest first. */
  list(person: PersonRef): Promise<WorkflowRun[]>
}

/** `ackMs`: how long after the end of a run Temporal deletes it at once. */
export function createPersonWorkflows(
  client: Client,
  system: System,
  hash: IdentityHash,
  { ackMs = ACK_MS }: { ackMs?: number | undefined } = {},
): PersonWorkflows {
  const idsOf = (person: PersonRef): string[] => [
    signupWorkflowId(system, person.tenant, person.identity, hash),
    ...workflowsOf(system).otherIdsOf(person, hash),
  ]

  const terminateOne = async (workflowId: string): Promise<InFlightWork> => {
    const handle = client.workflow.getHandle(workflowId)
    try {
      const { status, closeTime, raw } = await withDeadline(client, () => handle.describe())
      if (status.name !== 'RUNNING') {
        const endedInOrder = status.name === 'COMPLETED'
        const longAgo = Date.now() - (closeTime?.getTime() ?? 0) > IN_FLIGHT_DRAIN_MS.account
        return endedInOrder || longAgo ? 'nothing' : 'account'
      }
      await withDeadline(client, () => handle.terminate('the person is deleted'))
      if ((raw.pendingActivities ?? []).length > 0) return 'account'
      // Short activities run inside a workflow task. One that starts after this check reads the tombstone first.
      return raw.pendingWorkflowTask ? 'records' : 'nothing'
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'nothing' // never started, ended meanwhile, or past retention
      throw error
    }
  }

  const list = async (person: PersonRef): Promise<WorkflowRun[]> => {
    const found: WorkflowRun[] = []
    for (const workflowId of idsOf(person)) {
      for await (const run of findRunsOf(client, workflowId, { most: MOST_RUNS })) {
        found.push({
          workflowId,
          runId: run.runId,
          type: run.type,
          status: run.status.name,
          startedAt: run.startTime.toISOString(),
          closedAt: run.closeTime?.toISOString() ?? null,
          stage: run.typedSearchAttributes.get(SignupStage) ?? null,
          problem: run.typedSearchAttributes.get(SignupProblem) ?? null,
        })
      }
    }
    return found
  }

  const deleteOne = async ({ workflowId, runId }: WorkflowRun): Promise<void> => {
    try {
      await withDeadline(client, () =>
        client.workflowService.deleteWorkflowExecution({
          namespace: client.options.namespace,
          workflowExecution: { workflowId, runId },
        }),
      )
    } catch (error) {
      if (!hasGrpcCode(error, GRPC.notFound)) throw error // already deleted; visibility lags
    }
  }

  const isAcked = ({ closedAt }: WorkflowRun): boolean =>
    closedAt === null || Date.now() - Date.parse(closedAt) >= ackMs

  return {
    async terminate(person) {
      const stopped = await allSettledOrThrow(idsOf(person).map(terminateOne))
      return (['account', 'records'] as const).find((kind) => stopped.includes(kind)) ?? 'nothing'
    },

    async exist(person) {
      const known = await allSettledOrThrow(
        idsOf(person).map((workflowId) => workflowExists(client, workflowId)),
      )
      return known.includes(true) || (await list(person)).length > 0
    },

    list,

    async deleteClosed(person) {
      const closed = (await list(person)).filter(({ status }) => status !== 'RUNNING')
      for (const run of closed) if (isAcked(run)) await deleteOne(run)
      return closed.map(({ runId }) => runId)
    },
  }
}
