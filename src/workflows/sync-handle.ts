import { ApplicationFailure, continueAsNew, setHandler } from '@temporalio/workflow'
import type { HandleSynced, HandleSyncInput } from '../contracts/handle-sync.ts'
import { changed, retry } from '../contracts/messages.ts'
import { handleOnPds } from './lib/lifecycle-activities.ts'
import { createStepper } from './lib/step.ts'
import { openTroubles } from './lib/troubles.ts'

/**
 * Makes the handle of one person's account follow the application's. One run at a time a person; a change that comes
 * while it runs is looked at before it ends.
 */
export async function syncHandle(input: HandleSyncInput): Promise<HandleSynced> {
  const { identity } = input
  if (typeof identity !== 'string' || identity === '') {
    throw ApplicationFailure.nonRetryable('the input needs an identity: {"identity":"auth0|…"}', 'bad-input')
  }
  let stale = true
  const step = createStepper(openTroubles<'syncing'>('atproto', identity), () =>
    continueAsNew<typeof syncHandle>(input),
  )
  setHandler(changed, () => {
    stale = true
    step.retry()
  })
  setHandler(retry, step.retry)

  for (;;) {
    const synced = await step.run('syncing', () => {
      stale = false
      return handleOnPds.syncAccountHandle({ identity })
    })
    if (!stale) return synced
  }
}
