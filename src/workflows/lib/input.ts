import { idDefect } from '../../domain/identity.ts'
import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow'

/** Fails a workflow for its input. The message stays readable at Temporal, so it must quote nothing personal. */
export function badInput(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'bad-input')
}

/** Validates the input of a workflow about one person, for which the `temporal` command may pass none at all. */
export function assertIdentity(input: unknown): asserts input is { identity: string } {
  const identity: unknown =
    typeof input === 'object' && input !== null && 'identity' in input ? input.identity : undefined
  if (typeof identity !== 'string' || identity === '')
    throw badInput('the input needs an identity, as the application stores it: {"identity":"auth0|…"}')
  const wrong = idDefect(identity)
  if (wrong !== null) throw badInput(`the identity of the input ${wrong}`)
}

/** Runs a step that may refuse the input; the workflow then fails with that refusal instead of an activity failure. */
export async function withInputErrors<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : null
    if (cause instanceof ApplicationFailure && cause.type === 'bad-input') throw badInput(cause.message)
    throw error
  }
}
