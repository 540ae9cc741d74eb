import { proxyActivities, type ActivityOptions } from '@temporalio/workflow'
import type { DeletionActivities, PdsDeletionActivities } from '../../activities/deletion.ts'
import type { PdsActivities } from '../../activities/atproto.ts'
import type { WatchActivities } from '../../activities/handle-watch.ts'
import { PDS_TASK_QUEUE } from '../../contracts/systems.ts'

const QUICK_TRIES = { maximumAttempts: 3, initialInterval: '500ms', backoffCoefficient: 3 } as const

/** No limit on the time in the queue: on a paced queue a turn may be long in coming, and that is no failure. */
const paced: ActivityOptions = { taskQueue: PDS_TASK_QUEUE, startToCloseTimeout: '60s', retry: QUICK_TRIES }

export const handleOnPds = proxyActivities<PdsActivities>({ ...paced, summary: 'Make the handle follow' })

export const accountsOnPds = proxyActivities<PdsDeletionActivities>({
  ...paced,
  summary: "Remove the person's account",
})

/** The longest of them opens every quarantined entry of the tenant. */
export const deletion = proxyActivities<DeletionActivities>({
  startToCloseTimeout: '60s',
  retry: QUICK_TRIES,
})

/** Its worker's death is noticed by the missing heartbeat, and costs one attempt. */
export const watching = proxyActivities<WatchActivities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '30s',
  retry: { ...QUICK_TRIES, maximumAttempts: 10, maximumInterval: '10s' },
  summary: 'Follow the changes of handles',
})
