import type { CheckFinding } from '../contracts/checks.ts'

export interface CheckResult {
  readonly findings?: readonly CheckFinding[]
  readonly notices?: readonly CheckFinding[]
  /** What it saw, in words. */
  readonly facts?: readonly string[]
}

/** One look at the live configuration. It changes nothing, or takes back what it tried. */
export interface Check {
  readonly name: string
  /** Throws `ConfigError` where the configuration it needs is not there: it is then skipped. */
  readonly run: () => Promise<CheckResult>
}
