import { ApplicationFailure, condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow'
import type { AccountMade, PersonSeen } from '../activities/atproto.ts'
import { emailChanged, emailVerified, retry, status } from '../contracts/messages.ts'
import type { SignupInput, SignupStatus } from '../contracts/signup.ts'
import { createReporter } from './lib/report.ts'
import { steps } from './lib/signup-activities.ts'
import { createStepper, Refused } from './lib/step.ts'
import { openView } from './lib/view.ts'

const DAY_MS = 24 * 3_600_000
/** The stages that one activity passes; its failure says at which. */
const RECORDS = ['recording', 'creating-code', 'creating-user'] as const

/**
 * One person's signup, from the provider's word to the last record. Every step looks before it writes, so it may be
 * started again at any time, for anybody: for a person who is complete it changes nothing.
 */
export async function signup(input: SignupInput): Promise<SignupStatus> {
  const { identity, carried, reportTo, ...given } = input
  if (typeof identity !== 'string' || identity === '') {
    throw ApplicationFailure.nonRetryable('the input needs an identity: {"identity":"auth0|…"}', 'bad-input')
  }
  const view = openView('atproto', input)
  let lookNeeded = carried?.lookNeeded ?? input.signedUpAt === undefined
  let signedUpAt = Number.isNaN(Date.parse(input.signedUpAt ?? '')) ? null : (input.signedUpAt ?? null)
  let waitUntil = carried?.waitUntil ?? null
  let changedAt = carried?.changedAt ?? null
  let verified = false
  /** An attempt may have made an account whose answer did not come. */
  let attempted = carried?.stage === 'creating-account'

  const goOnAsNew = (): Promise<never> =>
    continueAsNew<typeof signup>({
      identity,
      ...given,
      ...reporter.carry(), // nothing once it is told
      ...(signedUpAt === null ? {} : { signedUpAt }),
      carried: { ...view.carry(), lookNeeded: lookNeeded || verified, waitUntil, changedAt },
    })
  const reporter = createReporter({ identity, reportTo }, view.status)
  const step = createStepper(view, goOnAsNew, reporter.rests)
  const lookAgain = (): void => void (lookNeeded = true)
  setHandler(status, view.status)
  setHandler(emailVerified, lookAgain)
  setHandler(emailChanged, (change) => {
    const at = change?.at ?? null
    if (at !== null && !Number.isNaN(Date.parse(at)) && (changedAt === null || at > changedAt)) changedAt = at
    lookAgain()
  })
  setHandler(retry, (wish) => {
    reporter.askedBy(wish)
    step.retry()
    lookAgain()
  })

  /** Asks the provider; the signals only say that it is worth asking. */
  const ask = async (): Promise<PersonSeen> => {
    lookNeeded = false
    try {
      const person = await steps.lookAtPerson({ identity, changedAt })
      verified = person.verified
      signedUpAt ??= person.signedUpAt
      return person
    } catch (error) {
      lookNeeded = true
      throw error
    }
  }

  /** False when the provider does not know the person. */
  const look = async (): Promise<boolean> => {
    const stage = waitUntil === null ? 'recording' : 'waiting-for-verification'
    return (await step.run(stage, ask, 'looking')).known
  }

  /** Null when what the account builds on is not (any longer) there. News is looked into first: it may be the way out. */
  const makeAccount = async (): Promise<AccountMade | null> => {
    const onlyBegun = lookNeeded && !(await ask()).verified
    if (onlyBegun && !attempted) return null
    attempted = true
    return steps.ensureAccount(onlyBegun ? { identity, onlyBegun } : { identity })
  }

  /** Until the e-mail is verified, or the wait has lasted too long. */
  const waitForVerification = async (deadline: number): Promise<'verified' | 'unknown' | 'expired'> => {
    while (!verified) {
      const lastLook = Date.now() >= deadline
      if (!lookNeeded && !lastLook) {
        view.show('waiting-for-verification')
        await reporter.rests()
        await condition(() => lookNeeded, deadline - Date.now())
        if (workflowInfo().continueAsNewSuggested) await goOnAsNew()
      } else {
        if (!(await look())) return 'unknown'
        if (lastLook && !verified && !lookNeeded) return 'expired'
      }
    }
    return 'verified'
  }

  try {
    for (;;) {
      // Records come first, whatever Auth0 does; only who nobody saw sign up has to be looked up before.
      if (signedUpAt === null && !(await look())) return view.end('deleted')

      const when = signedUpAt ?? workflowInfo().startTime.toISOString()
      const made = await step.run(RECORDS, () => steps.ensureRecords({ identity, signedUpAt: when }))
      if (made.deleted) return view.end('deleted')
      const { tenant, guard, code, count, waitDays } = made
      view.know({ tenant, guard, code })
      if (count > 0 && !verified) lookNeeded = true // a late or repeated signup event of somebody who is further on

      waitUntil ??= new Date(Date.now() + waitDays * DAY_MS).toISOString()
      const outcome = await waitForVerification(Date.parse(waitUntil))
      if (outcome !== 'verified') return view.end(outcome === 'unknown' ? 'deleted' : 'expired')

      view.show('creating-account')
      const account = await step.run('creating-account', makeAccount)
      if (account !== null && !lookNeeded) return view.end('completed', account)
      lookNeeded = true // something was taken away, or became known, meanwhile: begin again
    }
  } catch (error) {
    if (error instanceof Refused) return view.end('refused')
    throw error
  } finally {
    await reporter.ends()
  }
}
