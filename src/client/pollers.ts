import type { Client } from '@temporalio/client'
import { taskQueueOf, type System } from '../contracts/systems.ts'
import { workflowsOf } from '../contracts/vocabulary.ts'
import type { QueuePoller, WorkerReport } from '../contracts/workers.ts'
import { unpolledQueues } from '../domain/workers.ts'
import { allSettledOrThrow } from './all-settled-or-throw.ts'

/** Temporal's numbers for the two types of task queue. */
const KIND = { workflow: 1, activity: 2 } as const

/** The queues that a worker of the system polls: the one of its workflows first. */
export function queuesOf(system: System): readonly string[] {
  return [taskQueueOf(system), ...Object.keys(workflowsOf(system).activityQueues)]
}

/** Every process that polled one of the system's queues in the last minutes. */
export async function queuePollers(client: Client, system: System): Promise<QueuePoller[]> {
  const [workflows, ...activities] = queuesOf(system)
  const found = await allSettledOrThrow([
    ...(workflows === undefined ? [] : [pollersOf(client, workflows, KIND.workflow)]),
    ...activities.map((name) => pollersOf(client, name, KIND.activity)),
  ])
  return found.flat()
}

/**
 * The queues of the system that no worker polls, so that their tasks wait. Without the workers' own reports,
 * a worker that hangs counts as polling until Temporal has not heard from it for over a minute.
 */
export async function unservedQueues(
  client: Client,
  system: System,
  reports: readonly WorkerReport[] | null = null,
): Promise<string[]> {
  return unpolledQueues(queuesOf(system), await queuePollers(client, system), reports)
}

async function pollersOf(client: Client, queue: string, taskQueueType: 1 | 2): Promise<QueuePoller[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
    taskQueueType,
  })
  const now = Date.now()
  return (pollers ?? []).map(({ identity, lastAccessTime }) => ({
    queue,
    identity: identity ?? '',
    ageMs: now - Number(lastAccessTime?.seconds ?? 0) * 1_000,
  }))
}
