import type { CheckFinding } from '../contracts/checks.ts'

export interface CheckResult {
  readonly findings?: readonly CheckFinding[]
  readonly notices?: readonly CheckFinding[]
  /** Its observations, in words. */
  readonly facts?: readonly string[]
  /** The reason why it was skipped: it is then neither successful nor a finding. */
  readonly skipped?: string
}

/** One check of the live configuration. It changes nothing, or undoes its attempts. */
export interface Check {
  readonly name: string
  /** Throws `ConfigError` where the configuration it needs is not there: it is then skipped. */
  readonly run: () => Promise<CheckResult>
}
