import type { IdentityHash } from './ids.ts'
import type { PersonRef } from './systems.ts'

/** The workflows and queues of one system beside those that every system has. */
export interface SystemWorkflows {
  /** The type of the workflow that runs for each person. */
  readonly signup: string
  /** Further types; each shows its problems as a signup does, and accepts `retry` likewise. */
  readonly others: readonly string[]
  /** Task queues for activities beside the system's own, each with the activities whose task a signup may wait for. */
  readonly activityQueues: Readonly<Record<string, readonly string[]>>
  /**
   * Activities of the signup that are local, so that the workflow makes each further attempt: one that times out was
   * attempted only once.
   */
  readonly localActivities: readonly string[]
  /**
   * Problems of which only another try shows whether they are over, each with a dependency that must be healthy: one
   * signup is retried ahead of the others.
   */
  readonly canaries: readonly { readonly problem: string; readonly dependency: string }[]
  /** Whether its people belong to tenants, each of which is read by itself. */
  readonly hasTenants: boolean
  /** The sources of news about people, in the order in which `catchUp` reads them. */
  readonly sources: readonly string[]
  /**
   * The accounts that a person has at an outside system, which a deletion removes; absent where there is none. The
   * activity takes `{identity}`, and returns an `AccountRemoval`.
   */
  readonly accounts?: {
    readonly removal: string
    readonly taskQueue: string
    /** The name under which a deletion's proof counts them. */
    readonly countedAs: string
  }
  /** The ids of a person's workflows other than their signup and their deletion. */
  otherIdsOf(person: PersonRef, hash: IdentityHash): readonly string[]
}

/** Types that run for every system, show their problems as a signup does, and accept `retry` likewise. */
export const SHARED_RETRYABLE_TYPES = ['deleteUser', 'ingest'] as const

/** Types that run for every system and report their state in another way. */
export const SHARED_OTHER_TYPES = ['catchUp', 'audit', 'backfill', 'watch'] as const
