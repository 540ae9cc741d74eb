import type { AlertMessage } from './alerts.ts'
import type { ProblemName } from './problems.ts'

/** What a `watch` workflow is started with; everything may be left out. */
export interface WatchInput {
  /** From the task queue when left out. */
  readonly system?: string
  /** Signups that fail for less long than this alert nobody: 5. */
  readonly stuckMinutes?: number
}

/** What signups lean on, as far as it can be asked. */
export const DEPENDENCIES = ['mongo', 'pds', 'auth0'] as const
export type Dependency = (typeof DEPENDENCIES)[number]

/** One answer of a dependency. */
export interface Probe {
  readonly dependency: Dependency
  /** Which Auth0 tenant; null where there is one of the kind. */
  readonly tenant: string | null
  /** Null where it is well. */
  readonly problem: ProblemName | null
  readonly detail: Readonly<Record<string, string>>
}

/** Signups that one problem holds up. */
export interface HeldUp {
  readonly problem: ProblemName
  readonly count: number
  /** Not among them. */
  readonly ignored: number
  /** The first failure, ISO 8601. */
  readonly since: string
}

export interface WatchResult {
  readonly probes: readonly Probe[]
  readonly heldUp: readonly HeldUp[]
  /** The problems whose signups were told to try again, since what they waited for is well. */
  readonly released: readonly ProblemName[]
  readonly alerts: readonly AlertMessage[]
  /** Messages the channel has not taken yet. */
  readonly undelivered: number
}
