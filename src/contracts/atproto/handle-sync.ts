import type { LimitedStep, Problem } from '../problems.ts'

/** Input of a `syncHandle` workflow. */
export interface HandleSyncInput {
  readonly identity: string
  readonly tenant?: string
  /** The workflow id of the backfill to which the outcome is reported once. */
  readonly reportTo?: string
  /** State carried over from the previous run when the workflow continues as new. */
  readonly limited?: LimitedStep
}

/**
 * `same`: nothing to do. `changed`: the account has the handle it should have. `fell-back`: the PDS does not give it
 * the chosen handle, so it has the user code's. `no-account`: there is none (yet). `account-gone`: the PDS knows none
 * under the DID in `users`; an audit finds it.
 */
export type HandleSyncOutcome = 'same' | 'changed' | 'fell-back' | 'no-account' | 'account-gone'

export interface HandleSyncResult {
  readonly outcome: HandleSyncOutcome
  /** The handle of the account now; null where there is no account. */
  readonly handle: string | null
  /** The handle the application's choice maps to; null where none is chosen, or none can be. */
  readonly wanted: string | null
}

/** The end of a run that has no result. */
export type HandleSyncEnd = 'terminated' | 'failed' | 'canceled' | 'timed out'

/** One sync as the command shows it. It runs while `synced` and `ended` are null. */
export interface HandleSyncStatus {
  readonly identity: string
  readonly workflowId: string
  readonly synced: HandleSyncResult | null
  /** Set where the run ended without a result. */
  readonly ended: HandleSyncEnd | null
  readonly problem: Problem | null
}
