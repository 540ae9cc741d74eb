import { proxyActivities } from '@temporalio/workflow'
import type {
  DeletionActivities,
  PdsDeletionActivities,
} from '../../activities/atproto/deletion/activities.ts'
import type { PdsSignupActivities } from '../../activities/atproto/signup/activities.ts'
import type { HandleWatchActivities } from '../../activities/atproto/handle-watch.ts'
import { PDS_ACTIVITY } from '../atproto/pds-activity.ts'
import { RETRY_AFTER_WORKER_LOSS } from './attempts.ts'

export const handleActivities = proxyActivities<PdsSignupActivities>({
  ...PDS_ACTIVITY,
  summary: 'Change the handle',
})

export const accountActivities = proxyActivities<PdsDeletionActivities>({
  ...PDS_ACTIVITY,
  summary: "Remove the person's account",
})

/** The longest of them decrypts every quarantined event of the tenant. */
export const deletionActivities = proxyActivities<DeletionActivities>({
  startToCloseTimeout: '60s',
  retry: RETRY_AFTER_WORKER_LOSS,
})

/** The death of its worker is detected by the missing heartbeat, and costs one attempt. */
export const handleWatchActivities = proxyActivities<HandleWatchActivities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '30s',
  retry: RETRY_AFTER_WORKER_LOSS,
  summary: 'Follow handle changes',
})
