import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow'
import type { SignupActivities, PdsSignupActivities } from '../../activities/atproto/signup/activities.ts'
import { ONE_ATTEMPT } from '../lib/attempts.ts'
import { PDS_ACTIVITY } from './pds-activity.ts'

/**
 * Short activities on the database: local, so that each costs no task of its own. The database client gives up a call
 * after 8 s.
 */
const local = (startToCloseTimeout: '12s' | '30s', summary: string) =>
  proxyLocalActivities<SignupActivities>({ startToCloseTimeout, retry: ONE_ATTEMPT, summary })

export const signupActivities = {
  ensureRecords: local('30s', 'Record the verification, give the user a code and a record').ensureRecords,
  checkVerification: local('12s', 'Load the person from Auth0').checkVerification,
  ensurePdsAccount: proxyActivities<PdsSignupActivities>({
    ...PDS_ACTIVITY,
    summary: 'Ensure the PDS account',
  }).ensurePdsAccount,
}
