import { proxyActivities } from '@temporalio/workflow'
import type { HandleWatchActivities } from '../../activities/atproto/handle-watch.ts'
import type { PdsSignupActivities } from '../../activities/atproto/signup/activities.ts'
import { RETRY_AFTER_WORKER_LOSS } from '../lib/attempts.ts'
import { PDS_ACTIVITY } from './pds-activity.ts'

export const handleActivities = proxyActivities<PdsSignupActivities>({
  ...PDS_ACTIVITY,
  summary: 'Change the handle',
})

/** The death of its worker is detected by the missing heartbeat, and costs one attempt. */
export const handleWatchActivities = proxyActivities<HandleWatchActivities>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '30s',
  retry: RETRY_AFTER_WORKER_LOSS,
  summary: 'Follow handle changes',
})
