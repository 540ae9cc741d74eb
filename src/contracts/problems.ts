/**
 * Reasons why a signup is blocked. The names are stable, since scripts, search attributes and alerts depend on them.
 * Their sentences and fixes are in `domain/problems.ts`.
 */
export const PROBLEMS = [
  'mongo-unreachable',
  'mongo-throttled',
  'mongo-slow',
  'mongo-denied',
  'mongo-refused',
  'index-not-equivalent',
  'index-refuses-user',
  'code-not-text',
  'auth0-unreachable',
  'auth0-rate-limited',
  'auth0-denied',
  'auth0-refused',
  'auth0-log-unreadable',
  'pds-unreachable',
  'pds-failing',
  'pds-rate-limited',
  'pds-admin-refused',
  'pds-domain-unsupported',
  'pds-invite-refused',
  'pds-refused',
  'pds-keys-unknown',
  'plc-unreachable',
  'temporal-refused',
  'email-missing',
  'email-taken',
  'email-unsupported',
  'tenant-unknown',
  'deletion-under-way',
  'rate-limit-lasting',
  'seal-broken',
  'repairs-held',
  'paused',
  'deletions-paused',
  'deletions-held',
  'observing',
  'no-worker',
  'step-slow',
  'unexpected',
] as const
export type ProblemName = (typeof PROBLEMS)[number]

export function isProblemName(name: string): name is ProblemName {
  return PROBLEMS.some((problem) => problem === name)
}

export interface Problem {
  readonly name: ProblemName
  readonly sentence: string
  readonly fix: string
  /** When it began to fail, ISO 8601. */
  readonly since: string
  /** Rounds of attempts so far; each round is a few quick tries. */
  readonly attempts: number
  /** When it is retried automatically, ISO 8601; null when only an operator can resolve it. */
  readonly nextTryAt: string | null
}

/** A step that waits at a rate limit, and since when, ISO 8601. A run hands it on when it continues as new. */
export interface LimitedStep {
  readonly step: string
  readonly since: string
}
