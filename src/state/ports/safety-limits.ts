import { type LimitedAction } from '../../domain/safety-limit.ts'

export type Admission =
  | {
      readonly admitted: true
      /** The action was held before, so the data known at its first request may be out of date. */
      readonly wasHeld: boolean
    }
  | { readonly admitted: false; readonly since: string; readonly limit: number }

/** The number of held actions; `since` is the oldest, ISO 8601. */
export interface HeldActions {
  readonly count: number
  readonly since: string | null
  /** The reasons for the holds, each with its count: `user record: 12`. */
  readonly about: Readonly<Record<string, number>>
}

/** The safety limits of Holdfast's own actions. `person` is a keyed hash throughout. */
export interface SafetyLimits extends HeldActionsStore {
  /**
   * Admits one action of this kind on one person, or holds it where the hour's limit is reached. The server counts in
   * one atomic update, so any number of workers share one count. Repeated requests for a person get the same answer: an
   * admission lasts a day, a hold until it is released, or for a week after its last request.
   */
  admit(kind: LimitedAction, person: string, about?: string): Promise<Admission>
  /** Admits these people together, or holds them all: actions requested together have one cause. */
  admitAll(kind: LimitedAction, people: readonly string[], about: string): Promise<void>
}

/** The actions that the limits hold, for operators. */
export interface HeldActionsStore {
  /** Admits these people regardless of the hour's limit, since an operator requested it. */
  allow(kind: LimitedAction, people: readonly string[]): Promise<void>
  /** The time since when this person is held, ISO 8601; null where they are not. */
  heldSince(kind: LimitedAction, person: string): Promise<string | null>
  /** The same for an action that still waits: its hold lasts a week from now. */
  extendHold(kind: LimitedAction, person: string): Promise<string | null>
  /** Removes the hold of this person, since an operator acted on them past the limit. */
  removeHold(kind: LimitedAction, person: string): Promise<void>
  countHeld(kind: LimitedAction): Promise<HeldActions>
  /** Admits all held actions, and begins a new hour. Returns how many. */
  release(kind: LimitedAction): Promise<number>
}
