import type { ProblemName } from './problems.ts'
import type { System } from './systems.ts'
import { namesIn, type NameIn, type OutcomeOfStep } from './vocabulary.ts'

/** The steps of a signup whose outcomes are kept, named by the stage they belong to. */
export type SignupStep = NameIn<'steps'>

/** The steps of a signup of one system, in order, or of all systems. */
export function stepNames(system?: System): [SignupStep, ...SignupStep[]] {
  return namesIn('steps', system) as [SignupStep, ...SignupStep[]]
}

/** The outcome of a step: one that every step may have, or one for which a step of a system has a text. */
export type StepOutcome = 'done' | 'problem' | OutcomeOfStep

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
