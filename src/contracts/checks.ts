/**
 * What `holdfast check` may find wrong with a live configuration. The names are stable: scripts hold on to them.
 * Sentences and fixes stand in `domain/check-findings.ts`.
 */
export const CHECK_FINDINGS = [
  'environment-incomplete',
  'temporal-unreachable',
  'temporal-denied',
  'temporal-namespace-missing',
  'search-attribute-missing',
  'search-attribute-wrong-type',
  'retention-too-short',
  'no-worker',
  'schedule-missing',
  'schedule-paused',
  'schedule-late',
  'mongo-unreachable',
  'mongo-login-refused',
  'mongo-without-transactions',
  'mongo-privilege-missing',
  'mongo-privileges-superfluous',
  'mongo-without-login',
  'mongo-denied',
  'mongo-refused',
  'index-not-equivalent',
  'index-missing',
  'auth0-unreachable',
  'auth0-rate-limited',
  'auth0-denied',
  'auth0-client-refused',
  'auth0-scope-missing',
  'auth0-scope-superfluous',
  'log-stream-missing',
  'log-stream-elsewhere',
  'log-stream-paused',
  'log-stream-suspended',
  'log-stream-filtered',
  'log-stream-format-unknown',
  'log-stream-token-differs',
  'signup-not-seen',
  'log-gap',
  'pds-unreachable',
  'pds-failing',
  'pds-admin-refused',
  'pds-domain-unsupported',
  'pds-invite-refused',
  'pds-rate-limited',
  'pds-refused',
  'plc-unreachable',
  'server-unreachable',
  'server-not-ready',
  'webhook-tenant-unknown',
  'webhook-open',
  'webhook-token-differs',
  'key-missing',
  'probe-stopped',
  'check-timed-out',
  'check-failed',
] as const
export type CheckFindingName = (typeof CHECK_FINDINGS)[number]

export interface CheckFinding {
  readonly name: CheckFindingName
  readonly sentence: string
  /** The command or the setting that mends it. */
  readonly fix: string
}

/** How one check went. */
export interface CheckOutcome {
  readonly name: string
  readonly ok: boolean
  readonly ms: number
  /** Why it could not be tried at all; null when it was. */
  readonly skipped: string | null
  /** What it saw, in words: versions, ages, what is left of a limit. */
  readonly facts: readonly string[]
}

export interface CheckReport {
  /** No findings; notices do not count. */
  readonly ok: boolean
  readonly findings: readonly CheckFinding[]
  /** What works and is better changed. */
  readonly notices: readonly CheckFinding[]
  readonly checks: readonly CheckOutcome[]
}

/** The way of a test identity, in order. The first three are the provider's, the last three take it away again. */
export const PROBE_STEPS = [
  'made-at-provider',
  'verified-at-provider',
  'in-provider-log',
  'at-temporal',
  'verification-recorded',
  'user-with-code',
  'account-on-pds',
  'signup-completed',
  'deleted-at-provider',
  'deleted-everywhere',
  'nothing-left',
] as const
export type ProbeStepName = (typeof PROBE_STEPS)[number]

export interface ProbeStep {
  readonly name: ProbeStepName
  readonly ok: boolean
  /** Since the probe began. */
  readonly atMs: number
  /** What was seen; for a step that did not happen, what was seen instead. */
  readonly seen: string
}

export interface ProbeReport {
  readonly ok: boolean
  readonly tenant: string
  readonly identity: string
  /** The first step that did not happen; null when all did. */
  readonly stoppedAt: ProbeStepName | null
  readonly steps: readonly ProbeStep[]
}

/** One part of the signup's own code, tried by itself. */
export interface RehearsalStep {
  readonly name: string
  readonly ok: boolean
  readonly ms: number
  readonly seen: string
}

export interface StuckPeople {
  readonly problem: string
  readonly sentence: string
  readonly count: number
  /** The longest of those looked at, ISO 8601; null where none says. */
  readonly since: string | null
  /** A few of them, by the name their workflow goes by. */
  readonly identities: readonly string[]
  /** What last failed for the first of them, outermost first. */
  readonly lastError: { readonly at: string; readonly causes: readonly string[] } | null
  readonly fix: string
}

/** Everything to paste into an incident. Nothing in it is personal or secret. */
export interface Diagnosis {
  readonly ok: boolean
  readonly system: string
  readonly at: string
  readonly check: CheckReport
  /** Records and accounts; one that could not be counted is null. */
  readonly counts: Readonly<Record<string, number | null>>
  /** Signups by stage; null where Temporal does not answer. */
  readonly stages: Readonly<Record<string, number>> | null
  readonly stuck: readonly StuckPeople[]
  readonly rehearsal: readonly RehearsalStep[]
  /** What could not be looked at, and why. */
  readonly notSeen: readonly string[]
  /** The next command or setting for each finding and each problem. */
  readonly next: readonly string[]
}
