import { ApplicationFailure, continueAsNew, setHandler } from '@temporalio/workflow'
import type { HandleSynced, HandleSyncInput } from '../contracts/handle-sync.ts'
import { changed, retry } from '../contracts/messages.ts'
import type { RepairReport } from '../contracts/backfill.ts'
import type { Problem } from '../contracts/problems.ts'
import { handleOnPds } from './lib/lifecycle-activities.ts'
import { createTeller } from './lib/report.ts'
import { createStepper } from './lib/step.ts'
import { openTroubles } from './lib/troubles.ts'

/**
 * Makes the handle of one person's account follow the application's. One run at a time a person; a change that comes
 * while it runs is looked at before it ends.
 */
export async function syncHandle(input: HandleSyncInput): Promise<HandleSynced> {
  const { identity, reportTo, ...given } = input
  if (typeof identity !== 'string' || identity === '') {
    throw ApplicationFailure.nonRetryable('the input needs an identity: {"identity":"auth0|…"}', 'bad-input')
  }
  let stale = true
  let synced: HandleSynced | null = null
  const view = openTroubles<'syncing'>('atproto', identity)
  const teller = createTeller(reportTo, () => reportOf(identity, synced, view.problem()))
  const step = createStepper(
    view,
    () => continueAsNew<typeof syncHandle>({ identity, ...given, ...teller.carry() }),
    teller.tell,
  )
  setHandler(changed, (wish) => {
    teller.askedBy(wish)
    stale = true
    step.retry()
  })
  setHandler(retry, step.retry)

  for (;;) {
    synced = await step.run('syncing', () => {
      stale = false
      return handleOnPds.syncAccountHandle({ identity })
    })
    if (!stale) await teller.tell()
    if (!stale) return synced
  }
}

function reportOf(identity: string, synced: HandleSynced | null, problem: Problem | null): RepairReport {
  if (problem !== null) {
    const { name, sentence, fix } = problem
    return { identity, outcome: 'failed', problem: name, sentence, fix }
  }
  const account = synced?.outcome !== 'account-gone' && synced?.outcome !== 'no-account'
  if (account) return { identity, outcome: 'done', problem: null, sentence: '', fix: '' }
  const sentence = 'There is no account (any longer) whose handle could follow.'
  return { identity, outcome: 'failed', problem: synced?.outcome ?? null, sentence, fix: '' }
}
