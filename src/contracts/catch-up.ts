import { defineQuery } from '@temporalio/workflow'
import type { Problem } from './problems.ts'
import type { System } from './systems.ts'

/** Input of a `catchUp` workflow: it reads one tenant's log, and its users, from where they were last read. */
export interface CatchUpInput {
  readonly system?: System
  readonly tenant: string
  /** Progress carried over from the previous run when the workflow continues as new. */
  readonly carried?: CatchUpProgress
}

/** Progress of a catch-up; its result too. */
export interface CatchUpProgress {
  readonly system: System
  readonly tenant: string
  /** Log entries read. */
  readonly events: number
  /** People whose signups were notified of what the log says. */
  readonly notified: number
  /**
   * People notified because a list of users shows them and their records are not complete: no event had notified them
   * before.
   */
  readonly foundInLists: number
  readonly duplicates: number
  readonly ignored: number
  readonly quarantined: number
  /** The date of the newest event read so far, ISO 8601. */
  readonly readUpTo: string | null
  /** How far reading is behind the log; 0 once its end is reached. */
  readonly lagSeconds: number
  /**
   * The period whose events were deleted before they were read, ISO 8601: only an audit finds the people who signed up
   * in it.
   */
  readonly gap: { readonly from: string; readonly to: string } | null
  /** The problem that blocks it now. */
  readonly problem: Problem | null
}

export const catchUpProgress = defineQuery<CatchUpProgress>('progress')
