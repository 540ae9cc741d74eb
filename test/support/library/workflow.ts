import { condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow'
import { emailVerified, retry, status } from '../../../src/contracts/messages.ts'
import type { SignupInput, SignupStatus } from '../../../src/contracts/signup.ts'
import { RETRY_AFTER_WORKER_LOSS } from '../../../src/workflows/lib/attempts.ts'
import { withDescription } from '../../../src/workflows/lib/descriptions.ts'
import { assertIdentity } from '../../../src/workflows/lib/input.ts'
import { createSignupNotifier } from '../../../src/workflows/lib/notifier.ts'
import { openSignupView } from '../../../src/workflows/lib/signup-view.ts'
import { createStepRunner, StepRefused } from '../../../src/workflows/lib/step-runner.ts'
import type { LibraryActivities } from './activities.ts'

const { loadMember, ensureCard } = proxyActivities<LibraryActivities>({
  startToCloseTimeout: '20s',
  retry: RETRY_AFTER_WORKER_LOSS,
})

/** One member's signup: once the library has confirmed them, they get a card. */
export async function librarySignup(input: SignupInput): Promise<SignupStatus> {
  assertIdentity(input)
  const { identity, carried, reportTo } = input
  const view = openSignupView('library', input)
  let checkNeeded = true
  const continueInNewRun = (): Promise<never> =>
    continueAsNew<typeof librarySignup>({
      identity,
      ...notifier.stateForNextRun(),
      carried: {
        ...view.stateForNextRun(),
        ...step.stateForNextRun(),
        checkNeeded,
        waitUntil: null,
      },
    })
  const notifier = createSignupNotifier({ identity, reportTo }, view.status)
  const step = createStepRunner(view, continueInNewRun, { onIdle: notifier.onIdle, carried })
  setHandler(status, view.status, withDescription(status))
  setHandler(emailVerified, () => void (checkNeeded = true), withDescription(emailVerified))
  setHandler(
    retry,
    (options) => {
      notifier.setRecipient(options)
      step.retry()
      checkNeeded = true
    },
    withDescription(retry),
  )

  const runStages = async (): Promise<SignupStatus> => {
    for (;;) {
      checkNeeded = false
      const member = await step.run('recording', () => loadMember({ identity }))
      if (!member.known) return view.end('deleted')
      if (member.confirmed) break
      view.showIdle('waiting-for-verification')
      await notifier.onIdle()
      await condition(() => checkNeeded)
      if (workflowInfo().continueAsNewSuggested) await continueInNewRun()
    }
    const { number } = await step.run('creating-card', () => ensureCard({ identity }))
    if (number === null) return view.end('deleted')
    view.setFacts({ code: number })
    return view.end('completed')
  }

  let ended: SignupStatus
  try {
    ended = await runStages()
  } catch (error) {
    if (!(error instanceof StepRefused)) throw error
    ended = view.end('refused')
  }
  await notifier.onEnd()
  return ended
}
