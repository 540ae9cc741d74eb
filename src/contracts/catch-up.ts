import { defineQuery } from '@temporalio/workflow'
import type { Problem } from './problems.ts'
import type { System } from './systems.ts'

/** What a `catchUp` workflow is started with: one tenant's log, and its users, from where they were last read. */
export interface CatchUpInput {
  readonly system?: System
  readonly tenant: string
  /** What an earlier run hands on when it continues as new. */
  readonly carried?: CatchUpProgress
}

/** How far a catch-up is; its result too. */
export interface CatchUpProgress {
  readonly system: System
  readonly tenant: string
  /** Entries of the log that were read. */
  readonly events: number
  /** People whose signups were told of what the log says. */
  readonly told: number
  /** People told because a list of users shows them and our records are not complete: no event had done that yet. */
  readonly found: number
  readonly duplicates: number
  readonly ignored: number
  readonly quarantined: number
  /** The date of the newest event read so far, ISO 8601. */
  readonly readUpTo: string | null
  /** How far reading trails behind the log; 0 once its end is reached. */
  readonly lagSeconds: number
  /** The time whose events were gone before they were read, ISO 8601: only an audit finds who came in it. */
  readonly gap: { readonly from: string; readonly to: string } | null
  /** What holds it up right now. */
  readonly problem: Problem | null
}

export const catchUpProgress = defineQuery<CatchUpProgress>('progress')
