import type { ActivityOptions } from '@temporalio/workflow'
import { PDS_TASK_QUEUE } from '../../contracts/atproto/workflows.ts'
import { OUTSIDE_ACTIVITY } from '../lib/attempts.ts'

/** For activities that call the PDS. */
export const PDS_ACTIVITY = {
  ...OUTSIDE_ACTIVITY,
  taskQueue: PDS_TASK_QUEUE,
} as const satisfies ActivityOptions
