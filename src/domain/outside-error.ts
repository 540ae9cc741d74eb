import type { ProblemName } from '../contracts/problems.ts'

/** Words for the operator that make a problem's sentence concrete. Never an e-mail, a password or a token. */
export type ProblemDetail = Readonly<Record<string, string>>

/**
 * An adapter's verdict on what the outside world answered, already named as a problem. Messages stand in clear
 * in Temporal: they carry the kind of a failure, never a person's data.
 */
export class OutsideError extends Error {
  readonly problem: ProblemName
  readonly detail: ProblemDetail
  /** For a rate limit: when the other side will listen again. */
  readonly retryAt: Date | null

  constructor(
    problem: ProblemName,
    message: string,
    options: ErrorOptions & { detail?: ProblemDetail; retryAt?: Date | null } = {},
  ) {
    super(message, options)
    this.name = 'OutsideError'
    this.problem = problem
    this.detail = options.detail ?? {}
    this.retryAt = options.retryAt ?? null
  }
}
