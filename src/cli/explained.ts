import { isGrpcServiceError, NamespaceNotFoundError, ServiceError } from '@temporalio/client'
import { OutsideError } from '../domain/outside-error.ts'
import { problemText } from '../domain/problems.ts'
import { UsageError } from '../entry.ts'

/** gRPC's own numbers for "not in time" and "not there". */
const AWAY = new Set([4, 14])

/** A failure of the outside world in the words of the table of problems; every other error as it is. */
export function explained(error: unknown): unknown {
  if (error instanceof OutsideError) {
    const { sentence, fix } = problemText(error.problem, {
      system: 'atproto',
      identity: '<id>',
      detail: error.detail,
    })
    return new UsageError(`${sentence} ${fix}`, { cause: error })
  }
  const said = temporalSaid(error)
  return said === null ? error : new UsageError(said, { cause: error })
}

function temporalSaid(error: unknown): string | null {
  const answer = error instanceof ServiceError ? error.cause : error
  if (answer instanceof NamespaceNotFoundError)
    return `Temporal does not take this: ${answer.message}. Look at TEMPORAL_NAMESPACE.`
  if (!isGrpcServiceError(answer)) return null
  if (AWAY.has(answer.code)) return 'Temporal does not answer. Bring it back, or correct TEMPORAL_ADDRESS.'
  return `Temporal does not take this: ${answer.details}`
}
