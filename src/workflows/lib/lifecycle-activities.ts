import { proxyActivities } from '@temporalio/workflow'
import type { DeletionActivities } from '../../activities/deletion/activities.ts'
import type { AccountRemoval } from '../../contracts/deletion.ts'
import type { SystemWorkflows } from '../../contracts/workflows.ts'
import { OUTSIDE_ACTIVITY, RETRY_AFTER_WORKER_LOSS } from './attempts.ts'

type RemoveAccounts = (person: { readonly identity: string }) => Promise<AccountRemoval>

/** The activity that removes a person's accounts at the outside system; null where the system has none. */
export function accountRemovalOf({ accounts }: SystemWorkflows): RemoveAccounts | null {
  if (accounts === undefined) return null
  const { removal, taskQueue } = accounts
  const activities = proxyActivities<Record<string, RemoveAccounts>>({
    ...OUTSIDE_ACTIVITY,
    taskQueue,
    summary: "Remove the person's account",
  })
  return activities[removal] ?? null
}

/** The longest of them decrypts every quarantined event of the tenant. */
export const deletionActivities = proxyActivities<DeletionActivities>({
  startToCloseTimeout: '60s',
  retry: RETRY_AFTER_WORKER_LOSS,
})
