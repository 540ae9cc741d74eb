import type { HistoryEvent, StepSuccess } from './history.ts'
import type { SignupStatus } from './signup.ts'
import type { Stage } from './stages.ts'
import type { System } from './systems.ts'

/** What is the matter: a problem of the signup, or a gap between the stores. */
export interface WhyTrouble {
  readonly kind: 'problem' | 'gap'
  /** A problem's or a gap's stable name. */
  readonly name: string
  readonly sentence: string
  readonly fix: string
  /** ISO 8601; null where no store tells. */
  readonly since: string | null
}

/** What one store says of a person, in words; or why it cannot be asked. Never an address. */
export interface StoreAnswer {
  readonly store: string
  readonly asked: boolean
  readonly says: string
}

/** One line of the history, in words. */
export interface ToldEvent extends HistoryEvent {
  readonly words: string
}

/** One page on one person. Times are ISO 8601. */
export interface WhyPage {
  readonly system: System
  readonly tenant: string
  readonly identity: string
  /** Null where neither Temporal nor the stores tell. */
  readonly stage: Stage | null
  readonly stageSince: string | null
  /** Everything that is the matter, what holds the signup up first; empty where nothing is. */
  readonly troubles: readonly WhyTrouble[]
  readonly stores: readonly StoreAnswer[]
  readonly history: readonly ToldEvent[]
  /** When the step at hand last succeeded for anybody; null where it never did, or nobody can say. */
  readonly lastSuccess: StepSuccess | null
  /** What happens next by itself. */
  readonly next: string
  /** The one thing to do; null where nothing is. */
  readonly fix: string | null
  readonly notices: readonly string[]
  readonly status: SignupStatus | null
  /** Whether anybody knows this person at all. */
  readonly known: boolean
}
