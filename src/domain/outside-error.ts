import type { ProblemName } from '../contracts/problems.ts'

/** Values for a problem's sentence, shown to operators. Never an e-mail, a password or a token. */
export type ProblemDetail = Readonly<Record<string, string>>

/**
 * A failed call to an outside system, already classified as a problem by its adapter. Messages are stored unencrypted
 * in Temporal: they carry the kind of a failure, never a person's data.
 */
export class OutsideError extends Error {
  readonly problem: ProblemName
  readonly detail: ProblemDetail
  /** The time of the reset, for a rate limit. */
  readonly retryAt: Date | null
  /**
   * The call was not made: the dependency did not answer another one a moment ago. `retryAt` is the time of the next
   * possible call.
   */
  readonly notAsked: boolean
  /**
   * The store refused the content of a record, so the others of the same call may still be written; false where it
   * refuses every record alike, such as for a table that is missing.
   */
  readonly refusesRecord: boolean

  constructor(
    problem: ProblemName,
    message: string,
    options: ErrorOptions & {
      detail?: ProblemDetail
      retryAt?: Date | null
      notAsked?: boolean
      refusesRecord?: boolean
    } = {},
  ) {
    super(message, options)
    this.name = 'OutsideError'
    this.problem = problem
    this.detail = options.detail ?? {}
    this.retryAt = options.retryAt ?? null
    this.notAsked = options.notAsked ?? false
    this.refusesRecord = options.refusesRecord ?? false
  }
}
