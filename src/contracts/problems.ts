/**
 * Why a signup does not move. The names are stable: scripts, search attributes and alerts hold on to
 * them. Sentences and fixes stand in `domain/problems.ts`.
 */
export const PROBLEMS = [
  'mongo-unreachable',
  'mongo-throttled',
  'mongo-denied',
  'mongo-refused',
  'index-not-equivalent',
  'auth0-unreachable',
  'auth0-rate-limited',
  'auth0-denied',
  'pds-unreachable',
  'pds-failing',
  'pds-rate-limited',
  'pds-admin-refused',
  'pds-domain-unsupported',
  'pds-invite-refused',
  'pds-refused',
  'plc-unreachable',
  'temporal-refused',
  'email-missing',
  'email-taken',
  'email-unsupported',
  'tenant-unknown',
  'deletion-under-way',
  'seal-broken',
  'paused',
  'observing',
  'no-worker',
  'step-slow',
  'unexpected',
] as const
export type ProblemName = (typeof PROBLEMS)[number]

export interface Problem {
  readonly name: ProblemName
  readonly sentence: string
  readonly fix: string
  /** When it began to fail, ISO 8601. */
  readonly since: string
  /** Rounds of attempts so far; each round is a few quick tries. */
  readonly attempts: number
  /** When it is tried again by itself, ISO 8601; null when only a person can move it. */
  readonly nextTryAt: string | null
}
