import { syncHandleWorkflowId } from '../ids.ts'
import type { SystemWorkflows } from '../workflows.ts'

/** The PDS has a task queue of its own, so that its rate limit holds for all its activities. */
export const PDS_TASK_QUEUE = 'holdfast-pds'

/** The workflows and queues of `atproto` beside those that every system has. */
export const ATPROTO_WORKFLOWS: SystemWorkflows = {
  signup: 'signup',
  others: ['syncHandle', 'watchHandles'],
  activityQueues: { [PDS_TASK_QUEUE]: ['ensurePdsAccount'] },
  localActivities: ['ensureRecords', 'checkVerification'],
  // Only the creation of an account shows whether the PDS reaches the PLC directory.
  canaries: [{ problem: 'plc-unreachable', dependency: 'pds' }],
  hasTenants: true,
  // Some signups leave no event in the log, so the users who were created or verified recently are read too.
  sources: ['log', 'created', 'verified'],
  accounts: { removal: 'deletePdsAccounts', taskQueue: PDS_TASK_QUEUE, countedAs: 'pds' },
  otherIdsOf: ({ tenant, identity }, hash) => [syncHandleWorkflowId('atproto', tenant, identity, hash)],
}
