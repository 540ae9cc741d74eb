import type { HistoryEvent, StepSuccess } from './history.ts'
import type { SignupStatus } from './signup.ts'
import type { Stage } from './stages.ts'
import type { System } from './systems.ts'

/** One thing that is wrong: a problem of the signup, or a gap between the stores. */
export interface WhyProblem {
  readonly kind: 'problem' | 'gap'
  /** A problem's or a gap's stable name. */
  readonly name: string
  readonly sentence: string
  readonly fix: string
  /** ISO 8601; null where it is not known from any store. */
  readonly since: string | null
}

/** The answer of one store about a person, in words, or the reason why it did not answer. Never an address. */
export interface StoreAnswer {
  readonly store: string
  readonly answered: boolean
  readonly text: string
}

/** One line of the history, in words. */
export interface HistoryLine extends HistoryEvent {
  readonly text: string
}

/** One page on one person. Times are ISO 8601. */
export interface WhyPage {
  readonly system: System
  readonly tenant: string
  readonly identity: string
  /** Null where it is known neither from Temporal nor from the stores. */
  readonly stage: Stage | null
  readonly stageSince: string | null
  /** Everything that is wrong, first what blocks the signup; empty where nothing is. */
  readonly problems: readonly WhyProblem[]
  readonly stores: readonly StoreAnswer[]
  readonly history: readonly HistoryLine[]
  /** When the current step last succeeded for anybody; null where it never did, or where that is unknown. */
  readonly lastSuccess: StepSuccess | null
  /** The next thing that happens automatically. */
  readonly next: string
  /** The one thing an operator should do; null where nothing is needed. */
  readonly fix: string | null
  readonly notices: readonly string[]
  readonly status: SignupStatus | null
  /** Whether any store, or Temporal, knows this person. */
  readonly known: boolean
}
