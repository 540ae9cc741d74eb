import { isGrpcServiceError, NamespaceNotFoundError, ServiceError } from '@temporalio/client'
import { ApplicationFailure, ApplicationFailureCategory, TemporalFailure } from '@temporalio/common'
import type { SignupStep } from '../../contracts/history.ts'
import { withoutPersonal } from '../../contracts/personal.ts'
import { endsSignup, isQuicklyRetryable } from '../../domain/problems.ts'
import { OutsideError } from '../../domain/outside-error.ts'

/** Details that a step's failure carries to the workflow, in addition to its type, which is the problem's name. */
export interface FailureDetail {
  readonly detail: Readonly<Record<string, string>>
  /** ISO 8601; set where the other side said when to retry. */
  readonly retryAt: string | null
  /** No attempt was made: the dependency did not answer another call a moment ago. */
  readonly notAsked?: true
  /** The step that failed, where one activity runs several. */
  readonly step?: SignupStep
}

/**
 * Delay of Temporal's own retries of a call that was not made: they count as attempts, and must not be used up in
 * seconds.
 */
const UNCALLED_RETRY_DELAY = '15s'

/**
 * The only place where failures of other systems become Temporal's: a stable type, no personal data, and whether a
 * quick retry is useful. Errors without a name are thrown unchanged and retried. `step` is given where an activity runs
 * several, so that the failure names it.
 */
export function withFailureMapping<A extends unknown[], R>(
  activity: (...args: A) => Promise<R>,
  step?: SignupStep,
): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await activity(...args)
    } catch (error) {
      throw toFailure(error, step)
    }
  }
}

/** The named failure of another system behind an error; null for an error without a name. */
export function namedError(error: unknown): OutsideError | null {
  return error instanceof OutsideError ? error : temporalProblem(error)
}

/**
 * Temporal's own refusal of a call that starts or signals other workflows, as a named problem; null for every other
 * error.
 */
function temporalProblem(error: unknown): OutsideError | null {
  const answer = error instanceof ServiceError ? error.cause : error
  const said =
    answer instanceof NamespaceNotFoundError
      ? answer.message
      : isGrpcServiceError(answer)
        ? answer.details || answer.message
        : null
  if (said === null) return null
  const words = withoutPersonal(said)
  return new OutsideError('temporal-refused', words, { cause: error, detail: { answer: words } })
}

function toFailure(error: unknown, step: SignupStep | undefined): unknown {
  const within = step === undefined ? {} : { step }
  const outside = namedError(error)
  if (outside === null) {
    if (step === undefined || !(error instanceof Error) || error instanceof TemporalFailure) return error
    const { message, name } = error // as the SDK would create it, but with the step
    const payload: FailureDetail = { detail: {}, retryAt: null, ...within }
    return ApplicationFailure.create({ message, type: name, details: [payload], cause: error })
  }
  const { problem, message, detail, retryAt, notAsked } = outside
  const payload: FailureDetail = {
    detail,
    retryAt: retryAt?.toISOString() ?? null,
    ...within,
    ...(notAsked ? { notAsked } : {}),
  }
  return ApplicationFailure.create({
    type: problem,
    message,
    details: [payload],
    nonRetryable: !isQuicklyRetryable(problem),
    ...(notAsked ? { nextRetryDelay: UNCALLED_RETRY_DELAY } : {}),
    ...(endsSignup(problem) || retryAt !== null ? { category: ApplicationFailureCategory.BENIGN } : {}),
  })
}
