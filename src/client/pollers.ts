import type { Client } from '@temporalio/client'
import { PDS_TASK_QUEUE, taskQueueOf } from '../contracts/systems.ts'
import { allOf } from './all-of.ts'

/** Temporal's own numbers for the two kinds of task queue. */
const KIND = { workflow: 1, activity: 2 } as const

/** A poller that has not been seen for this long is taken as gone; a live one asks about once a minute. */
const STALE_MS = 75_000

/** The queues of the `atproto` system that nobody polls, so that what waits there waits for a worker. */
export async function unservedQueues(client: Client): Promise<string[]> {
  const queues = [
    { name: taskQueueOf('atproto'), kind: KIND.workflow },
    { name: PDS_TASK_QUEUE, kind: KIND.activity },
  ]
  const served = await allOf(queues.map(({ name, kind }) => isServed(client, name, kind)))
  return queues.filter((_, index) => served[index] !== true).map(({ name }) => name)
}

async function isServed(client: Client, name: string, taskQueueType: 1 | 2): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name },
    taskQueueType,
  })
  const oldest = Date.now() - STALE_MS
  return (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 > oldest)
}
