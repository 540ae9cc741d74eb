import type { Problem } from './problems.ts'
import type { Stage } from './stages.ts'
import type { System } from './systems.ts'

/** What a `signup` workflow is started with. Everything but the identity may be left out. */
export interface SignupInput {
  readonly identity: string
  /** Told from the identity's prefix when left out. */
  readonly tenant?: string
  /**
   * When the person signed up, ISO 8601, as the provider's signup event says. Left out by everyone who did
   * not see that event (a late verification, a repair, the command): the person is then looked up first.
   */
  readonly signedUpAt?: string
  /** The workflow id of the backfill that wants to know, once, where this signup comes to rest. */
  readonly reportTo?: string
  /** What an earlier run of the same signup hands on when it continues as new. */
  readonly carried?: SignupCarry
}

/** What may come with `retry`, and with `changed`. */
export interface RetryWish {
  readonly reportTo?: string
}

/** What an event tells of a changed address: its time. The address itself is read at the provider. */
export interface EmailChange {
  /** ISO 8601, the provider's clock. */
  readonly at?: string
}

export interface SignupCarry {
  readonly stage: Stage
  readonly stageSince: string
  readonly lookNeeded: boolean
  /** The latest change of address that an event told of, ISO 8601. */
  readonly changedAt?: string | null
  /** When the wait for the verified e-mail ends, ISO 8601; null while it has not begun. */
  readonly waitUntil: string | null
  readonly code: string | null
  readonly problem: Problem | null
  /** The step that has the problem. */
  readonly stuckAt: string | null
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
  /** Things an operator should change although the signup goes on, each a sentence. */
  readonly notices: readonly string[]
}
