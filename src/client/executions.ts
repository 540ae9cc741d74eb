import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { isGrpcServiceError } from '@temporalio/client'
import { signupWorkflowId, syncHandleWorkflowId, type IdentityHash } from '../contracts/ids.ts'
import { SignupProblem, SignupStage } from '../contracts/search-attributes.ts'
import type { PersonRef } from '../contracts/systems.ts'
import { UNDER_WAY_MS } from '../domain/under-way.ts'
import { allOf } from './all-of.ts'
import { inTime } from './temporal.ts'

/** gRPC's own number. */
const NOT_FOUND = 5

/** One run of a workflow of a person. */
export interface ExecutionRecord {
  readonly workflowId: string
  readonly runId: string
  readonly type: string
  readonly status: string
  readonly startedAt: string
  readonly closedAt: string | null
  readonly stage: string | null
  readonly problem: string | null
}

/** What may still write for a person after their workflows were stopped: nothing, a short step, or a call to the PDS. */
export type StillUnderWay = keyof typeof UNDER_WAY_MS

/** The workflows that carry one person: their signup and their handle's sync, every run of them. */
export interface Executions {
  /** Ends what runs. Says what steps of it may still be at work, since no step is torn out of a worker's hands. */
  stop(person: PersonRef): Promise<StillUnderWay>
  /** Deletes the closed runs there are; returns their run ids. Visibility lags: ask until it finds none. */
  forget(person: PersonRef): Promise<string[]>
  list(person: PersonRef): Promise<ExecutionRecord[]>
}

export function createExecutions(client: Client, hash: IdentityHash): Executions {
  const idsOf = ({ tenant, identity }: PersonRef): string[] => [
    signupWorkflowId('atproto', tenant, identity, hash),
    syncHandleWorkflowId('atproto', tenant, identity, hash),
  ]

  const stopOne = async (workflowId: string): Promise<StillUnderWay> => {
    const handle = client.workflow.getHandle(workflowId)
    try {
      const { status, closeTime, raw } = await inTime(client, () => handle.describe())
      if (status.name !== 'RUNNING') {
        const endedInOrder = status.name === 'COMPLETED'
        const longAgo = Date.now() - (closeTime?.getTime() ?? 0) > UNDER_WAY_MS.account
        return endedInOrder || longAgo ? 'nothing' : 'account'
      }
      await inTime(client, () => handle.terminate('the person is deleted'))
      if ((raw.pendingActivities ?? []).length > 0) return 'account'
      // Short steps run inside a workflow task. One that begins after this look reads the tombstone first.
      return raw.pendingWorkflowTask ? 'records' : 'nothing'
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'nothing' // never started, ended meanwhile, or forgotten
      throw error
    }
  }

  const list = async (person: PersonRef): Promise<ExecutionRecord[]> => {
    const found: ExecutionRecord[] = []
    for (const workflowId of idsOf(person)) {
      const query = `WorkflowId = '${workflowId.replaceAll("'", "''")}'`
      for await (const run of client.workflow.list({ query })) {
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

  const forgetOne = async ({ workflowId, runId }: ExecutionRecord): Promise<void> => {
    try {
      await inTime(client, () =>
        client.workflowService.deleteWorkflowExecution({
          namespace: client.options.namespace,
          workflowExecution: { workflowId, runId },
        }),
      )
    } catch (error) {
      if (!isGrpcServiceError(error) || error.code !== NOT_FOUND) throw error // deleted, and visibility lags
    }
  }

  return {
    async stop(person) {
      const stopped = await allOf(idsOf(person).map(stopOne))
      return (['account', 'records'] as const).find((kind) => stopped.includes(kind)) ?? 'nothing'
    },

    list,

    async forget(person) {
      const closed = (await list(person)).filter(({ status }) => status !== 'RUNNING')
      for (const run of closed) await forgetOne(run)
      return closed.map(({ runId }) => runId)
    },
  }
}
