import type { HistoryEvent, Step } from '../contracts/history.ts'

const DONE: Record<Step, string> = {
  recording: 'The verification record stood',
  'creating-code': 'What keeps codes apart was in order again',
  'creating-user': 'The user record stood, with its code',
  'waiting-for-verification': 'The provider said that the e-mail is verified',
  'creating-account': 'The account stood on the PDS and in the user record',
}

const DOING: Record<Step, string> = {
  recording: 'Recording the verification',
  'creating-code': 'Looking at what keeps codes apart',
  'creating-user': 'Making the user record',
  'waiting-for-verification': 'Asking the provider about the person',
  'creating-account': 'Making the account',
}

/** One line of a person's history, as somebody would say it. */
export function historyWords({ step, outcome, problem, times }: HistoryEvent): string {
  const often = times === 1 ? '' : `, ${times} times`
  if (outcome === 'done') return DONE[step]
  if (outcome === 'not-yet') return `The provider was asked: the e-mail was not verified${often}`
  return `${DOING[step]} failed with ${problem ?? 'unexpected'}${often}`
}
