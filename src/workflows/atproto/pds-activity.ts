import type { ActivityOptions } from '@temporalio/workflow'
import { PDS_TASK_QUEUE } from '../../contracts/atproto/workflows.ts'
import { RETRY_AFTER_WORKER_LOSS } from '../lib/attempts.ts'

/**
 * For activities that call the PDS. No limit on the time in the queue: on a rate-limited queue the wait may be long, and
 * that is no failure.
 */
export const PDS_ACTIVITY = {
  taskQueue: PDS_TASK_QUEUE,
  startToCloseTimeout: '60s',
  heartbeatTimeout: '12s', // so that the death of a worker costs only seconds
  retry: RETRY_AFTER_WORKER_LOSS,
} as const satisfies ActivityOptions
