import { proxyActivities } from '@temporalio/workflow'
import type {
  DeletionActivities,
  PdsDeletionActivities,
} from '../../activities/atproto/deletion/activities.ts'
import { PDS_ACTIVITY } from '../atproto/pds-activity.ts'
import { RETRY_AFTER_WORKER_LOSS } from './attempts.ts'

export const accountActivities = proxyActivities<PdsDeletionActivities>({
  ...PDS_ACTIVITY,
  summary: "Remove the person's account",
})

/** The longest of them decrypts every quarantined event of the tenant. */
export const deletionActivities = proxyActivities<DeletionActivities>({
  startToCloseTimeout: '60s',
  retry: RETRY_AFTER_WORKER_LOSS,
})
