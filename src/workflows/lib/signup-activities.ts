import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow'
import type { AtprotoActivities, PdsActivities } from '../../activities/atproto.ts'
import { PDS_TASK_QUEUE } from '../../contracts/systems.ts'

/** A step gets a few quick tries; when they are used up its problem is published and the wait begins. */
const QUICK_TRIES = { maximumAttempts: 3, initialInterval: '500ms', backoffCoefficient: 3 } as const

/** Short work on the database: local, so that it costs no task of its own. The client gives up a call after 8 s. */
const local = (startToCloseTimeout: '12s' | '30s', summary: string) =>
  proxyLocalActivities<AtprotoActivities>({ startToCloseTimeout, retry: QUICK_TRIES, summary })

export const steps = {
  ensureRecords: local('30s', 'Record the verification, give the user a code and a record').ensureRecords,
  lookAtPerson: local('12s', 'Look at the person at Auth0').lookAtPerson,
  /** No limit on the time in the queue: on a paced queue a turn may be long in coming, and that is no failure. */
  ensureAccount: proxyActivities<PdsActivities>({
    retry: QUICK_TRIES,
    startToCloseTimeout: '60s',
    heartbeatTimeout: '12s', // so that a worker that died costs seconds
    taskQueue: PDS_TASK_QUEUE,
    summary: 'Make sure the PDS account exists',
  }).ensureAccount,
}
