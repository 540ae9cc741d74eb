import type { EnsuredAccount, ProviderPerson } from '../../contracts/atproto/signup-steps.ts'
import { condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow'
import { emailChanged, emailVerified, retry, status } from '../../contracts/messages.ts'
import type { SignupInput, SignupStatus } from '../../contracts/signup.ts'
import { clampedDate, plausibleDate } from '../../domain/external-date.ts'
import type { ProblemDetail } from '../../domain/outside-error.ts'
import { problemText } from '../../domain/problems.ts'
import { assertIdentity } from '../lib/input.ts'
import { createSignupNotifier } from '../lib/notifier.ts'
import { signupActivities } from './signup-activities.ts'
import { createStepRunner, StepRefused } from '../lib/step-runner.ts'
import { openSignupView } from '../lib/signup-view.ts'
import { withDescription } from '../lib/descriptions.ts'

const DAY_MS = 24 * 3_600_000
/** The stages that one activity passes; its failure names the one it failed in. */
const RECORD_STAGES = ['recording', 'creating-code', 'creating-user'] as const

/**
 * One person's signup, from the provider's event to the last record. Every step checks before it writes, so it may be
 * started again at any time, for anybody: for a person whose records are complete it changes nothing.
 */
export async function signup(input: SignupInput): Promise<SignupStatus> {
  assertIdentity(input)
  const { identity, carried, reportTo, ...given } = input
  const view = openSignupView('atproto', input)
  let signedUpAt = plausibleDate(input.signedUpAt, workflowInfo().startTime)?.toISOString() ?? null
  let checkNeeded = carried?.checkNeeded ?? signedUpAt === null
  let waitUntil = carried?.waitUntil ?? null
  let changedAt = carried?.changedAt ?? null
  let verified = false
  /** A retry was requested since the records were last ensured: one of them may have been lost meanwhile. */
  let recheckRecords = false
  /** An attempt may have created an account although its answer was lost. */
  let accountAttempted = carried?.accountAttempted ?? false
  /** A lost account may be restored while the address is not verified; looked for only once per recheck of the records. */
  let mayRestoreAccount = true
  /** The person signed up just now and has not completed before: the time until they do is counted. */
  let isFirst = carried?.isFirst ?? false

  const continueInNewRun = (): Promise<never> =>
    continueAsNew<typeof signup>({
      identity,
      ...given,
      ...notifier.stateForNextRun(), // nothing once the backfill is notified
      ...(signedUpAt === null ? {} : { signedUpAt }),
      carried: {
        ...view.stateForNextRun(),
        ...step.stateForNextRun(),
        checkNeeded: checkNeeded || verified,
        accountAttempted,
        isFirst,
        waitUntil,
        changedAt,
      },
    })
  const notifier = createSignupNotifier({ identity, reportTo }, view.status)
  const step = createStepRunner(view, continueInNewRun, { onIdle: notifier.onIdle, carried })
  const requestCheck = (): void => void (checkNeeded = true)
  setHandler(status, view.status, withDescription(status))
  setHandler(emailVerified, requestCheck, withDescription(emailVerified))
  setHandler(
    emailChanged,
    (change) => {
      const at = clampedDate(change?.at, new Date())?.toISOString() ?? null
      if (at !== null && (changedAt === null || at > changedAt)) changedAt = at
      requestCheck()
    },
    withDescription(emailChanged),
  )
  setHandler(
    retry,
    (options) => {
      notifier.setRecipient(options)
      // While the account step is blocked, a retry means that step, which starts over by itself where a record is
      // missing. At any other time it may have been requested for a lost record.
      if (!verified || view.status().problem === null) recheckRecords = true
      step.retry()
      requestCheck()
    },
    withDescription(retry),
  )

  /**
   * Checks at the provider; the signals are only hints that a check may find news. `last`: the wait for the verified
   * address is over.
   */
  const checkVerification = async (last = false): Promise<ProviderPerson> => {
    checkNeeded = false
    try {
      const person = await signupActivities.checkVerification({
        identity,
        changedAt,
        ...(last && !accountAttempted ? { last } : {}),
      })
      verified = person.verified
      signedUpAt ??= person.signedUpAt
      if (person.accountLost && mayRestoreAccount) accountAttempted = true
      return person
    } catch (error) {
      checkNeeded = true
      throw error
    }
  }

  /** False when the provider does not know the person. */
  const checkAtProvider = async (last = false): Promise<boolean> => {
    const stage = waitUntil === null ? 'recording' : 'waiting-for-verification'
    return (await step.run(stage, () => checkVerification(last), 'checking-verification')).known
  }

  /**
   * Ensures the account; null where the signup has to start over, since a record is missing by now or the address is no
   * longer verified. Hints that came meanwhile are checked first, since what they report may solve the problem. No
   * account is created for an address that is not verified; one that an earlier attempt began is still adopted, and one
   * that Holdfast remembers restored.
   */
  const ensureAccount = async (): Promise<EnsuredAccount | null> => {
    if (checkNeeded) await checkVerification()
    const onlyBegun = !verified
    if (onlyBegun && !accountAttempted) return null
    accountAttempted = true
    const account = await signupActivities.ensurePdsAccount({
      identity,
      ...(onlyBegun ? { onlyBegun } : {}),
      ...(isFirst && signedUpAt !== null ? { since: signedUpAt } : {}),
    })
    if (account !== null) isFirst = false
    if (onlyBegun) mayRestoreAccount = false
    if (onlyBegun || account !== null) accountAttempted = false // a begun account is adopted by now, or never existed
    return account
  }

  /**
   * Waits until the e-mail is verified, or the wait has lasted too long. `begun`: it is not verified now, but an
   * account may have been created before, or was lost. `retried`: the records have to be ensured once more.
   */
  const waitForVerification = async (
    deadline: number,
  ): Promise<'verified' | 'begun' | 'retried' | 'unknown' | 'expired'> => {
    while (!verified) {
      if (recheckRecords) return 'retried'
      const lastCheck = Date.now() >= deadline
      if (!checkNeeded && !lastCheck && !accountAttempted) {
        view.showIdle('waiting-for-verification')
        await notifier.onIdle()
        await condition(() => checkNeeded, deadline - Date.now())
        if (workflowInfo().continueAsNewSuggested) await continueInNewRun()
        continue
      }
      if (!(await checkAtProvider(lastCheck))) return 'unknown'
      if (verified || checkNeeded) continue
      if (accountAttempted) return 'begun'
      if (lastCheck) return 'expired'
    }
    return 'verified'
  }

  /** Runs from the records to the account, and starts over as often as news requires it. */
  const runStages = async (): Promise<SignupStatus> => {
    for (;;) {
      // Records come first, whatever Auth0 answers; only a person whose signup event was not seen has to be looked up
      // before.
      if (signedUpAt === null && !(await checkAtProvider())) return view.end('deleted')

      const when = signedUpAt ?? workflowInfo().startTime.toISOString()
      const records = await step.run(RECORD_STAGES, () => {
        mayRestoreAccount ||= recheckRecords
        recheckRecords = false
        const begins = waitUntil === null
        return signupActivities.ensureRecords({ identity, signedUpAt: when, ...(begins ? { begins } : {}) })
      })
      if (records.deleted) return view.end('deleted')
      const { tenant, guard, code, count: verifications, waitDays } = records
      view.setFacts({ tenant, code, notices: indexNotices(guard.lacking, view.status().identity) })
      // A late or repeated signup event of a person who is further on.
      if (verifications > 0 && !verified) checkNeeded = true

      if (waitUntil === null) isFirst = verifications === 0
      waitUntil ??= new Date(Date.now() + waitDays * DAY_MS).toISOString()
      const outcome = await waitForVerification(Date.parse(waitUntil))
      if (outcome === 'unknown' || outcome === 'expired')
        return view.end(outcome === 'unknown' ? 'deleted' : 'expired')

      if (outcome === 'retried') continue
      view.show('creating-account')
      const account = await step.run('creating-account', ensureAccount)
      if (account !== null && !checkNeeded && !recheckRecords) return view.end('completed', account)
      checkNeeded = true // a record was removed, or news came, meanwhile: start over
    }
  }

  for (;;) {
    let ended: SignupStatus
    try {
      ended = await runStages()
      checkNeeded = false
    } catch (error) {
      if (!(error instanceof StepRefused)) throw error
      if (checkNeeded) continue // a hint, such as a change of the address, came while the answer was in flight
      ended = view.end('refused')
    }
    await notifier.onEnd()
    if (!checkNeeded) return ended // else a hint came while the report was in flight
  }
}

/** `lacking`: what an operator should change about the index on user codes, if anything. */
function indexNotices(lacking: ProblemDetail | undefined, identity: string): string[] {
  if (lacking === undefined) return []
  const { sentence, fix } = problemText('index-not-equivalent', {
    system: 'atproto',
    identity,
    detail: lacking,
  })
  return [`${sentence} ${fix}`]
}
