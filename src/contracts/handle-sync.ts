import type { Problem } from './problems.ts'

/** What a `syncHandle` workflow is started with. */
export interface HandleSyncInput {
  readonly identity: string
  readonly tenant?: string
  /** The workflow id of the backfill that wants to know, once, where it comes to rest. */
  readonly reportTo?: string
}

/**
 * `same`: nothing to do. `changed`: the account has the handle it should have. `fell-back`: the PDS does not give it
 * the chosen handle, so it has the user code's. `no-account`: there is none (yet). `account-gone`: the PDS knows none
 * under the DID in `users`; an audit finds it.
 */
export type HandleSyncOutcome = 'same' | 'changed' | 'fell-back' | 'no-account' | 'account-gone'

export interface HandleSynced {
  readonly outcome: HandleSyncOutcome
  /** The handle of the account now; null where there is no account. */
  readonly handle: string | null
  /** The handle the application's choice maps to; null where none is chosen, or none can be. */
  readonly wanted: string | null
}

/** One sync as the command shows it. `synced` is null while it runs. */
export interface HandleSyncStatus {
  readonly identity: string
  readonly workflowId: string
  readonly synced: HandleSynced | null
  readonly problem: Problem | null
}
