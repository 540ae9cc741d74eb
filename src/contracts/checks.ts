import type { System } from './systems.ts'
import { namesIn, vocabularyOf, type NameIn, type ProblemOfChecks } from './vocabulary.ts'

/** Findings of `holdfast check` about a live configuration. The names are stable, since scripts depend on them. */
export type CheckFindingName = NameIn<'checks'> | ProblemOfChecks

/** Every finding that `check` may have in a system. */
export function checkFindingNames(system: System): CheckFindingName[] {
  const { problemsOfChecks } = vocabularyOf(system)
  return [...new Set([...namesIn('checks', system), ...problemsOfChecks])] as CheckFindingName[]
}

export interface CheckFinding {
  readonly name: CheckFindingName
  readonly sentence: string
  /** The command or the setting that fixes it. */
  readonly fix: string
  /** The SQL that the fix names, of several lines; absent where it names none. */
  readonly statement?: string
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
