import { continueAsNew, proxyActivities, setHandler, sleep } from '@temporalio/workflow'
import type { SupabaseSignupActivities } from '../../activities/supabase/signup.ts'
import { emailVerified, retry, status } from '../../contracts/messages.ts'
import type { SignupInput, SignupStatus } from '../../contracts/signup.ts'
import { RETRY_AFTER_WORKER_LOSS } from '../lib/attempts.ts'
import { withDescription } from '../lib/descriptions.ts'
import { assertIdentity } from '../lib/input.ts'
import { createSignupNotifier } from '../lib/notifier.ts'
import { openSignupView } from '../lib/signup-view.ts'
import { createStepRunner, StepRefused } from '../lib/step-runner.ts'

const { loadUser, ensureProfile } = proxyActivities<SupabaseSignupActivities>({
  startToCloseTimeout: '30s',
  retry: RETRY_AFTER_WORKER_LOSS,
})

/** Metadata that comes by an update mostly comes at once. */
const FIRST_REREAD_MS = 500

/**
 * One user of Supabase Auth who has no profile: the user is read, and once their metadata is complete the profile is
 * created, with its events, and read back.
 */
export async function profileSignup(input: SignupInput): Promise<SignupStatus> {
  assertIdentity(input)
  const { identity, carried, reportTo } = input
  const view = openSignupView('supabase', input)
  let isRepair = reportTo !== undefined
  const continueInNewRun = (): Promise<never> =>
    continueAsNew<typeof profileSignup>({
      identity,
      ...notifier.stateForNextRun(),
      carried: { ...view.stateForNextRun(), ...step.stateForNextRun(), checkNeeded: true, waitUntil: null },
    })
  const notifier = createSignupNotifier({ identity, reportTo }, view.status)
  const step = createStepRunner(view, continueInNewRun, { onIdle: notifier.onIdle, carried })
  setHandler(status, view.status, withDescription(status))
  setHandler(emailVerified, () => {}, withDescription(emailVerified)) // a profile does not depend on it
  setHandler(
    retry,
    (options) => {
      isRepair ||= options?.reportTo !== undefined
      notifier.setRecipient(options)
      step.retry()
    },
    withDescription(retry),
  )

  const runStages = async (): Promise<SignupStatus> => {
    for (let nextReadMs = FIRST_REREAD_MS; ; nextReadMs *= 2) {
      const user = await step.run('recording', () => loadUser({ identity }))
      if (user.is === 'unknown') return view.end('deleted')
      if (user.is === 'not-due') return view.end('completed')
      if (user.awaitMetadataMs === 0) break
      await sleep(Math.min(nextReadMs, user.awaitMetadataMs))
    }
    const { profile } = await step.run('creating-profile', () =>
      ensureProfile({ identity, repair: isRepair }),
    )
    return view.end(profile === 'gone' ? 'deleted' : 'completed')
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
