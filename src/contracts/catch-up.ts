import { defineQuery } from '@temporalio/workflow'
import type { Problem } from './problems.ts'
import type { System } from './systems.ts'

/** Input of a `catchUp` workflow: it reads the sources of one tenant from where they were last read. */
export interface CatchUpInput {
  readonly system?: System
  /** Left out where the system has none. */
  readonly tenant?: string
  /** Progress carried over from the previous run when the workflow continues as new. */
  readonly carried?: CatchUpProgress
}

/** Counts of what the sources contained. */
export interface SourceCounts {
  /** Events read. */
  readonly events: number
  /** People whose signups were notified of what the events say. */
  readonly notified: number
  /**
   * People notified because a list of users shows them and their records are not complete: no event had notified them
   * before.
   */
  readonly foundInLists: number
  readonly duplicates: number
  readonly ignored: number
  readonly quarantined: number
}

export const NOTHING_READ: SourceCounts = {
  events: 0,
  notified: 0,
  foundInLists: 0,
  duplicates: 0,
  ignored: 0,
  quarantined: 0,
}

/** Progress of a catch-up; its result too. */
export interface CatchUpProgress extends SourceCounts {
  readonly system: System
  /** `-` where the system has none. */
  readonly tenant: string
  /** The date of the newest event read so far, ISO 8601. */
  readonly readUpTo: string | null
  /** How far reading is behind the events; 0 once their end is reached. */
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
