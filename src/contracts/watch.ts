import type { AlertMessage } from './alerts.ts'
import type { ProblemName } from './problems.ts'
import type { Dependency, InspectionAlert } from './vocabulary.ts'

export type { Dependency, InspectionAlert } from './vocabulary.ts'

/** Input of a `watch` workflow; every field may be left out. */
export interface WatchInput {
  /** Taken from the task queue when left out. */
  readonly system?: string
  /** Minutes for which a signup must fail before it is part of an alert; by the worker's configuration when left out. */
  readonly blockedMinutes?: number
}

/** The result of one check of a dependency. */
export interface DependencyStatus {
  readonly dependency: Dependency
  /** The tenant whose provider was checked; null for the other dependencies. */
  readonly tenant: string | null
  /** Null where the dependency works. */
  readonly problem: ProblemName | null
  readonly detail: Readonly<Record<string, string>>
  /** Set where the check itself failed, so that the state of the dependency is unknown: the reason. */
  readonly failed?: string
}

/** Signups that one problem blocks. */
export interface BlockedByProblem {
  readonly problem: ProblemName
  readonly count: number
  /** People who are ignored; they are not part of `count`. */
  readonly ignored: number
  /** The first failure, ISO 8601. */
  readonly since: string
  /** Minutes for which one must be blocked before there is an alert; 5 where it is left out. */
  readonly alertAfterMinutes?: number
  /** Up to ten of them, by the keyed hash of their identity. */
  readonly people?: readonly string[]
  /** Further details for an alert about it. */
  readonly detail?: Readonly<Record<string, string>>
}

/** One inspection of `watch`, run as an activity of its own. */
export interface InspectionPlan {
  /** Stable, and different for each tenant. */
  readonly name: string
  /** The alerts it opens and closes. */
  readonly alerts: readonly InspectionAlert[]
  /** The dependencies it needs: it is skipped while the check of one of them does not succeed. */
  readonly needs: readonly Dependency[]
}

/** A part of one `watch` run that failed; the others ran all the same. */
export interface WatchFailure {
  readonly part: string
  /** A sentence for the operator. */
  readonly cause: string
}

export interface WatchResult {
  readonly dependencies: readonly DependencyStatus[]
  readonly blocked: readonly BlockedByProblem[]
  /** The problems whose signups were retried, since the dependency they waited for works again. */
  readonly retried: readonly ProblemName[]
  /** The parts that failed; each is the alert `watch-failing`, too. */
  readonly failures: readonly WatchFailure[]
  readonly alerts: readonly AlertMessage[]
  /** Messages that the channel has not accepted yet. */
  readonly undelivered: number
}
