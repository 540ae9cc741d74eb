/**
 * Findings of `holdfast check` about a live configuration. The names are stable, since scripts depend on them. Their
 * sentences and fixes are in `domain/check-findings.ts`.
 */
export const CHECK_FINDINGS = [
  'environment-incomplete',
  'connection-unencrypted',
  'temporal-unreachable',
  'temporal-denied',
  'temporal-namespace-missing',
  'search-attribute-missing',
  'search-attribute-wrong-type',
  'retention-too-short',
  'no-worker',
  'worker-silent',
  'worker-settings-differ',
  'blocked-despite-check',
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
  'actions-index-missing',
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
  'pds-open',
  'plc-unreachable',
  'server-unreachable',
  'server-not-ready',
  'webhook-tenant-unknown',
  'webhook-open',
  'webhook-token-differs',
  'key-missing',
  'values-in-clear',
  'events-quarantined',
  'events-noted',
  'probe-stopped',
  'probe-left',
  'check-timed-out',
  'check-failed',
] as const
export type CheckFindingName = (typeof CHECK_FINDINGS)[number]

export interface CheckFinding {
  readonly name: CheckFindingName
  readonly sentence: string
  /** The command or the setting that fixes it. */
  readonly fix: string
}

/** The outcome of one check. */
export interface CheckOutcome {
  readonly name: string
  readonly ok: boolean
  readonly ms: number
  /** Why the check was skipped; null when it ran. */
  readonly skipped: string | null
  /** The facts it found, in words: versions, ages, what is left of a limit. */
  readonly facts: readonly string[]
}

export interface CheckReport {
  /** No findings; notices do not count. */
  readonly ok: boolean
  readonly findings: readonly CheckFinding[]
  /** Advice on things that work but should be changed. */
  readonly notices: readonly CheckFinding[]
  readonly checks: readonly CheckOutcome[]
}

/** The steps of a test identity, in order. The first three are the provider's, the last three delete it again. */
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
  /** The result of the step; for a step that did not happen, what was seen instead. */
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

export interface BlockedPeople {
  readonly problem: string
  readonly sentence: string
  readonly count: number
  /** The time since which the longest blocked of them is blocked, ISO 8601; null where it is unknown. */
  readonly since: string | null
  /** A few of them, by the name in their workflow id. */
  readonly identities: readonly string[]
  /** The last failure of the first of them; its causes are listed from the outermost inwards. */
  readonly lastError: { readonly at: string; readonly causes: readonly string[] } | null
  readonly fix: string
}

/** A report to paste into an incident. Nothing in it is personal or secret. */
export interface Diagnosis {
  readonly ok: boolean
  readonly system: string
  readonly at: string
  readonly check: CheckReport
  /** Records and accounts; one that could not be counted is null. */
  readonly counts: Readonly<Record<string, number | null>>
  /** Signups by stage; null where Temporal does not answer. */
  readonly stages: Readonly<Record<string, number>> | null
  readonly blocked: readonly BlockedPeople[]
  readonly rehearsal: readonly RehearsalStep[]
  /** Checks that could not be made, and why. */
  readonly notChecked: readonly string[]
  /** The next command or setting for each finding and each problem. */
  readonly next: readonly string[]
}
