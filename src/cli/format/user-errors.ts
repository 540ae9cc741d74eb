import type { System } from '../../contracts/systems.ts'
import { grpcAnswer, isTemporalUnavailable, missingNamespace } from '../../client/grpc-errors.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { problemText } from '../../domain/problems.ts'
import { UsageError } from '../../errors.ts'

/** An error of an outside system in the words of the table of problems; every other error is unchanged. */
export function toUserError(system: System, error: unknown): unknown {
  if (error instanceof OutsideError) {
    const { sentence, fix } = problemText(error.problem, {
      system,
      identity: '<id>',
      detail: error.detail,
    })
    return new UsageError(`${sentence} ${fix}`, { cause: error })
  }
  const said = temporalErrorText(error)
  return said === null ? error : new UsageError(said, { cause: error })
}

function temporalErrorText(error: unknown): string | null {
  const missing = missingNamespace(error)
  if (missing !== null) return `Temporal refused the request: ${missing}. Check TEMPORAL_NAMESPACE.`
  const answer = grpcAnswer(error)
  if (answer === null) return null
  if (isTemporalUnavailable(error))
    return 'Temporal does not answer. Bring it back, or correct TEMPORAL_ADDRESS.'
  return `Temporal refused the request: ${answer.details}`
}
