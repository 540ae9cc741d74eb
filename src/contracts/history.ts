import type { ProblemName } from './problems.ts'
import type { Stage } from './stages.ts'

/** The steps of a signup whose outcomes are kept, named by the stage they belong to. */
export const SIGNUP_STEPS = [
  'recording',
  'creating-code',
  'creating-user',
  'waiting-for-verification',
  'creating-account',
] as const satisfies Stage[]
export type SignupStep = (typeof SIGNUP_STEPS)[number]

/**
 * `not-yet`: the e-mail is not verified at the provider. `rebuilt`: the lost records are restored as they were.
 * `rebuilt-unopened`: likewise, but the stored password does not open the account, so its app passwords could not be
 * revoked. `not-adopted`: an account under the person's code, with their address, was left alone, since nothing shows
 * that it is theirs.
 */
export type StepOutcome = 'done' | 'not-yet' | 'problem' | 'rebuilt' | 'rebuilt-unopened' | 'not-adopted'

/** One line of a person's history. Nothing in it is personal; it outlives what Temporal keeps. Times are ISO 8601. */
export interface HistoryEvent {
  readonly at: string
  /** When the same outcome last repeated; `at` where it happened once. */
  readonly last: string
  /** How often it happened in a row. */
  readonly times: number
  readonly step: SignupStep
  readonly outcome: StepOutcome
  readonly problem: ProblemName | null
  /** The build that ran, as `0.1.0+4f2a9c1`. */
  readonly build: string
}

/** When a step last succeeded, for anybody, and under which build. */
export interface StepSuccess {
  readonly step: SignupStep
  readonly at: string
  readonly build: string
}
