import { continueAsNew, setHandler } from '@temporalio/workflow'
import type { HandleSyncResult, HandleSyncInput } from '../../contracts/atproto/handle-sync.ts'
import { changed, retry } from '../../contracts/messages.ts'
import type { RepairReport } from '../../contracts/backfill.ts'
import type { Problem } from '../../contracts/problems.ts'
import { handleActivities } from './handle-activities.ts'
import { createBackfillNotifier } from '../lib/notifier.ts'
import { assertIdentity } from '../lib/input.ts'
import { createStepRunner } from '../lib/step-runner.ts'
import { openProblemView } from '../lib/problem-view.ts'
import { withDescription } from '../lib/descriptions.ts'

/**
 * Makes the handle of one person's account follow the application's. One run at a time for each person; a change that
 * comes while it runs is processed before it ends.
 */
export async function syncHandle(input: HandleSyncInput): Promise<HandleSyncResult> {
  assertIdentity(input)
  const { identity, reportTo, limited, ...given } = input
  let stale = true
  let synced: HandleSyncResult | null = null
  const view = openProblemView<'syncing'>('atproto', identity)
  const notifier = createBackfillNotifier(reportTo, () => reportOf(identity, synced, view.problem()))
  const continueInNewRun = (): Promise<never> =>
    continueAsNew<typeof syncHandle>({
      identity,
      ...given,
      ...notifier.stateForNextRun(),
      ...step.stateForNextRun(),
    })
  const step = createStepRunner(view, continueInNewRun, {
    onIdle: notifier.notify,
    carried: limited === undefined ? {} : { limited },
  })
  setHandler(
    changed,
    (options) => {
      notifier.setRecipient(options)
      stale = true
      step.retry()
    },
    withDescription(changed),
  )
  setHandler(retry, step.retry, withDescription(retry))

  for (;;) {
    synced = await step.run('syncing', () => {
      stale = false
      return handleActivities.syncPdsHandle({ identity })
    })
    if (!stale) await notifier.notify()
    if (!stale) return synced
  }
}

function reportOf(identity: string, synced: HandleSyncResult | null, problem: Problem | null): RepairReport {
  if (problem !== null) {
    const { name, sentence, fix } = problem
    return { identity, outcome: 'failed', problem: name, sentence, fix }
  }
  const account = synced?.outcome !== 'account-gone' && synced?.outcome !== 'no-account'
  if (account) return { identity, outcome: 'done', problem: null, sentence: '', fix: '' }
  const sentence = 'The person has no account, so there is no handle to change.'
  return { identity, outcome: 'failed', problem: synced?.outcome ?? null, sentence, fix: '' }
}
