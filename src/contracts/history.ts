import type { ProblemName } from './problems.ts'
import type { Stage } from './stages.ts'

/** The steps of a signup whose outcomes are kept, named by the stage they belong to. */
export const STEPS = [
  'recording',
  'creating-code',
  'creating-user',
  'waiting-for-verification',
  'creating-account',
] as const satisfies Stage[]
export type Step = (typeof STEPS)[number]

/** `not-yet`: the provider was asked and the e-mail is not verified. */
export type StepOutcome = 'done' | 'not-yet' | 'problem'

/** One line of a person's history. Nothing in it is personal; it outlives what Temporal keeps. Times are ISO 8601. */
export interface HistoryEvent {
  readonly at: string
  /** When the same was last met again; `at` where it was met once. */
  readonly last: string
  /** How often it was met in a row. */
  readonly times: number
  readonly step: Step
  readonly outcome: StepOutcome
  readonly problem: ProblemName | null
  /** What ran, as `0.1.0+4f2a9c1`. */
  readonly build: string
}

/** When a step last succeeded, for anybody, and under which build. */
export interface StepSuccess {
  readonly step: Step
  readonly at: string
  readonly build: string
}
