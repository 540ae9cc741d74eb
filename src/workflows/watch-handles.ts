import { continueAsNew, setHandler, sleep, workflowInfo } from '@temporalio/workflow'
import { retry } from '../contracts/messages.ts'
import { watching } from './lib/lifecycle-activities.ts'
import { createStepper } from './lib/step.ts'
import { openTroubles } from './lib/troubles.ts'

/** Follows `@handles` for good, by one long activity after another; the place it reached is kept in MongoDB. */
export async function watchHandles(): Promise<never> {
  const goOnAsNew = (): Promise<never> => continueAsNew<typeof watchHandles>()
  const step = createStepper(openTroubles<'following'>('atproto', '-'), goOnAsNew)
  setHandler(retry, step.retry)
  for (;;) {
    await step.run('following', () => watching.followHandles())
    if (workflowInfo().continueAsNewSuggested) await goOnAsNew()
    await sleep('1s') // it ended early because its worker stops, or history was lost: either may come in a row
  }
}
