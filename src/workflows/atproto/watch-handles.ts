import { continueAsNew, setCurrentDetails, setHandler, sleep, workflowInfo } from '@temporalio/workflow'
import { retry } from '../../contracts/messages.ts'
import { handleWatchActivities } from './handle-activities.ts'
import { createStepRunner, type StepCarry } from '../lib/step-runner.ts'
import { openProblemView } from '../lib/problem-view.ts'
import { withDescription } from '../lib/descriptions.ts'

/** Follows `@handles` permanently, by one long activity after another; its position is kept in MongoDB. */
export async function watchHandles(carried: StepCarry = {}): Promise<never> {
  const continueInNewRun = (): Promise<never> => continueAsNew<typeof watchHandles>(step.stateForNextRun())
  const view = openProblemView<'following'>('atproto', '-')
  const step = createStepRunner(view, continueInNewRun, { carried })
  setHandler(retry, step.retry, withDescription(retry))
  for (;;) {
    // The activity lasts an hour where there is no problem; after a problem, a short one shows that it is solved.
    const { unowned } = await step.run('following', () =>
      handleWatchActivities.watchHandleChanges({ onlyOpen: view.problem() !== null }),
    )
    if (unowned > 0)
      setCurrentDetails(
        `**following** in watchHandles\n\n${unowned} changed handles were not synced: no configured tenant owns these people. ` +
          'If their tenant was removed on purpose, no action is needed; otherwise set its AUTH0_<TENANT>_ variables and restart the worker.',
      )
    if (workflowInfo().continueAsNewSuggested) await continueInNewRun()
    await sleep('1s') // it ended early: its worker stops, or history was lost; either may happen repeatedly
  }
}
