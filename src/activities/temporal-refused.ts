import { isGrpcServiceError, NamespaceNotFoundError, ServiceError } from '@temporalio/client'
import { withoutPersonal } from '../contracts/personal.ts'
import { OutsideError } from '../domain/outside-error.ts'

/** What Temporal itself answered a step that starts or tells other workflows, named; null for every other error. */
export function temporalProblem(error: unknown): OutsideError | null {
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
