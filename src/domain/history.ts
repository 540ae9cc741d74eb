import type { HistoryEvent, SignupStep } from '../contracts/history.ts'

const DONE: Record<SignupStep, string> = {
  recording: 'Verification record written',
  'creating-code': 'Code index repaired',
  'creating-user': 'User record written, with its code',
  'waiting-for-verification': 'E-mail verified at the provider',
  'creating-account': 'Account set up on the PDS and in the user record',
}

const REBUILT: Partial<Record<SignupStep, string>> = {
  'creating-user': 'User record was lost; rebuilt with the same code',
  'creating-account':
    'Account was missing from the user record; recovered with a new password, its sessions and app passwords revoked',
}

const REBUILT_UNOPENED =
  'Account was missing from the user record; recovered with a new password. Login failed (it may be ' +
  'taken down), so its app passwords were not revoked: revoke them at the PDS before the account is reactivated'

const NOT_ADOPTED =
  "An account with the person's code as handle and their address was not adopted: nothing shows that it was created for " +
  'them, so they get an account with another handle'

const DOING: Record<SignupStep, string> = {
  recording: 'Recording the verification',
  'creating-code': 'Checking the code index',
  'creating-user': 'Creating the user record',
  'waiting-for-verification': 'Checking the e-mail at the provider',
  'creating-account': 'Creating the account',
}

/** One line of a person's history, in words. */
export function historyText({ step, outcome, problem, times }: HistoryEvent): string {
  const often = times === 1 ? '' : `, ${times} times`
  if (outcome === 'done') return DONE[step]
  if (outcome === 'rebuilt') return REBUILT[step] ?? DONE[step]
  if (outcome === 'rebuilt-unopened') return REBUILT_UNOPENED
  if (outcome === 'not-adopted') return `${NOT_ADOPTED}${often}`
  if (outcome === 'not-yet') return `E-mail not verified yet at the provider${often}`
  return `${DOING[step]} failed with ${problem ?? 'unexpected'}${often}`
}
