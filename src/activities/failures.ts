import { ApplicationFailure, ApplicationFailureCategory, TemporalFailure } from '@temporalio/common'
import { PdsRefusedError, pdsProblem } from '../adapters/pds-errors.ts'
import type { Step } from '../contracts/history.ts'
import type { ProblemName } from '../contracts/problems.ts'
import { endsSignup } from '../domain/problems.ts'
import { OutsideError } from '../domain/outside-error.ts'
import { temporalProblem } from './temporal-refused.ts'

/** What a step's failure carries for the workflow, next to its type, which is the problem's name. */
export interface FailureDetail {
  readonly detail: Readonly<Record<string, string>>
  /** ISO 8601; set where the other side said when it will listen again. */
  readonly retryAt: string | null
  /** Which it was, where one activity makes several. */
  readonly step?: Step
}

/** A second quick try may meet another answer; for everything else it would only be noise. */
const WORTH_A_QUICK_TRY = new Set<ProblemName>([
  'mongo-unreachable',
  'mongo-throttled',
  'auth0-unreachable',
  'pds-unreachable',
  'pds-failing',
  'plc-unreachable',
  'temporal-refused',
])

/**
 * The one place where failures of the outside world become Temporal's: stable type, no personal data, and whether
 * a quick try is worth it. Errors nobody named pass as they are and are retried. `step` where an activity makes
 * several, so that the failure says which it was.
 */
export function naming<A extends unknown[], R>(
  activity: (...args: A) => Promise<R>,
  step?: Step,
): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await activity(...args)
    } catch (error) {
      throw toFailure(error, step)
    }
  }
}

/** The named failure of the outside world behind an error; null for one that nobody named. */
export function outsideError(error: unknown): OutsideError | null {
  if (error instanceof PdsRefusedError) return pdsProblem(error.refusal, error.cause)
  return error instanceof OutsideError ? error : temporalProblem(error)
}

/** An error of the PDS's own; an account that was taken down, and holds what is asked for, answers like that too. */
export function isPdsFault(error: unknown): boolean {
  return error instanceof OutsideError && error.problem === 'pds-failing'
}

function toFailure(error: unknown, step: Step | undefined): unknown {
  const within = step === undefined ? {} : { step }
  const outside = outsideError(error)
  if (outside === null) {
    if (step === undefined || !(error instanceof Error) || error instanceof TemporalFailure) return error
    const { message, name } = error // as the SDK itself would make it, but that the step is said
    const payload: FailureDetail = { detail: {}, retryAt: null, ...within }
    return ApplicationFailure.create({ message, type: name, details: [payload], cause: error })
  }
  const { problem, message, detail, retryAt } = outside
  const payload: FailureDetail = { detail, retryAt: retryAt?.toISOString() ?? null, ...within }
  return ApplicationFailure.create({
    type: problem,
    message,
    details: [payload],
    nonRetryable: !WORTH_A_QUICK_TRY.has(problem),
    ...(endsSignup(problem) || retryAt !== null ? { category: ApplicationFailureCategory.BENIGN } : {}),
  })
}
