import type { System } from './systems.ts'

/** The effect of an operator's action on stored data: it shows it, changes it, or removes it. */
export type ActionKind = 'show' | 'change' | 'destroy'

/** The person who acted. Unverified: the user and host that the command saw, which anybody on that host may claim. */
export interface Actor {
  readonly name: string
  readonly verified: boolean
  /** The entry point: `command`, `api` (the operators' address), or `codec` (POST /codec/decode). */
  readonly via: 'command' | 'api' | 'codec'
}

/** An action as it is recorded before it happens. */
export interface Action {
  readonly system: System | null
  /** The command, or the call: `password`, `delete`, `decode`. */
  readonly name: string
  readonly kind: ActionKind
  /**
   * The people whose data it touches, as the keyed hashes that name deletions. Empty where it concerns a scope, or no
   * person.
   */
  readonly subjects: readonly string[]
  /**
   * The action's scope, where it is not single people: `problem pds-unreachable`, `everybody`. Never an address or an
   * identity.
   */
  readonly scope: string | null
  readonly reason: string | null
  readonly by: Actor
}

/**
 * The outcome of an action. `shown` is recorded before anything is shown, so nothing is shown that could not be
 * recorded.
 */
export interface ActionOutcome {
  readonly outcome: 'shown' | 'succeeded' | 'failed'
  /** The keys that opened what was shown; none where it was not sealed. */
  readonly keyIds: readonly string[]
  /** How many values were shown. */
  readonly count: number
  /** Name of the error that a failed action ended with, never its message. */
  readonly error: string | null
}

/** One action with its outcome. `outcome` is null while it runs, and for good where the process was killed. */
export interface RecordedAction extends Action, Omit<ActionOutcome, 'outcome'> {
  readonly id: string
  readonly at: string
  readonly outcome: ActionOutcome['outcome'] | null
  /**
   * Further outcomes of the same action. The insert right is enough to add one, with any date, so none of them is proof:
   * an action with any is contradictory.
   */
  readonly contradictedBy: readonly ActionOutcome[]
}
