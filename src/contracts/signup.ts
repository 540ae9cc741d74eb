import type { LimitedStep, Problem, ProblemName } from './problems.ts'
import type { Stage } from './stages.ts'
import type { System } from './systems.ts'

/** Input of a `signup` workflow. Everything but the identity may be left out. */
export interface SignupInput {
  readonly identity: string
  /** Derived from the identity's prefix when left out. */
  readonly tenant?: string
  /**
   * When the person signed up, ISO 8601, as the provider's signup event says. Left out by callers that did not see that
   * event (a late verification, a repair, the command): the person is then looked up first.
   */
  readonly signedUpAt?: string
  /** The workflow id of the backfill to which the outcome is reported once. */
  readonly reportTo?: string
  /** State carried over from the previous run when the signup continues as new. */
  readonly carried?: SignupCarry
}

/** Arguments of `retry`, and of `changed`. */
export interface RetryOptions {
  readonly reportTo?: string
}

/** The content of an event about a changed address: its time. The address itself is read at the provider. */
export interface EmailChange {
  /** ISO 8601, the provider's clock. */
  readonly at?: string
}

export interface SignupCarry {
  readonly stage: Stage
  readonly stageSince: string
  readonly checkNeeded: boolean
  /** An attempt may have created an account although its answer was lost. */
  readonly accountAttempted?: boolean
  /** The latest change of address in an event, ISO 8601. */
  readonly changedAt?: string | null
  /** When the wait for the verified e-mail ends, ISO 8601; null while it has not begun. */
  readonly waitUntil: string | null
  readonly code: string | null
  readonly problem: Problem | null
  /** The person has not completed before. */
  readonly isFirst?: boolean
  /** The step that has the problem. */
  readonly blockedStep: string | null
  readonly limited?: LimitedStep
}

export interface PendingWait {
  readonly name: ProblemName
  /** When the wait ends, ISO 8601. */
  readonly until: string
  /** The same as a sentence. */
  readonly notice: string
}

/** One signup as `status`, `list` and the HTTP API show it, and what its workflow returns when it ends. */
export interface SignupStatus {
  readonly system: System
  readonly tenant: string
  readonly identity: string
  readonly workflowId: string
  readonly stage: Stage
  readonly stageSince: string
  readonly problem: Problem | null
  readonly code: string | null
  readonly handle: string | null
  readonly did: string | null
  /** A planned wait, such as until the reset of a rate limit: nothing is wrong. Also among the notices. */
  readonly waitingFor?: PendingWait | null
  /** Things an operator should change although the signup continues, each a sentence. */
  readonly notices: readonly string[]
}
