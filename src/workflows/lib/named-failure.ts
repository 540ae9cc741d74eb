import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  TemporalFailure,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow'
import type { FailureDetail } from '../../activities/lib/failures.ts'
import { problemNamed } from '../../contracts/problems.ts'
import { systemOfTaskQueue } from '../../contracts/systems.ts'
import { workflowsOf } from '../../contracts/vocabulary.ts'
import type { StepFailure } from '../../domain/retries/retry-rounds.ts'

export interface NamedFailure extends StepFailure {
  /** The step that failed, where the activity makes several. */
  readonly step: string | null
}

/**
 * Names the problem with which an activity failed. An error that is no activity failure is a bug, and is thrown again.
 */
export function nameFailure(error: unknown): NamedFailure {
  if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error
  // A local activity's failure is not wrapped in an `ActivityFailure`.
  const cause = error instanceof ActivityFailure ? error.cause : error
  const rest = { retryAt: null, retryable: true, notAsked: false, step: null }
  if (error instanceof ActivityFailure && cause instanceof TimeoutFailure) {
    const step = error.activityType
    return {
      ...rest,
      problem: 'step-slow',
      detail: { step },
      retryable: isLocal(step), // a remote one that times out was already retried by Temporal
    }
  }
  if (!(cause instanceof ApplicationFailure))
    return { ...rest, problem: 'unexpected', detail: { answer: cause?.name ?? error.name } }
  const { type, nonRetryable } = cause
  const [carried] = (cause.details ?? []) as [FailureDetail?]
  const problem = problemNamed(type)
  return {
    problem: problem ?? 'unexpected',
    detail: problem === null ? { answer: type ?? cause.name } : (carried?.detail ?? {}),
    retryAt: problem === null ? null : (carried?.retryAt ?? null),
    retryable: nonRetryable !== true,
    notAsked: carried?.notAsked ?? false,
    step: carried?.step ?? null,
  }
}

function isLocal(activity: string): boolean {
  const system = systemOfTaskQueue(workflowInfo().taskQueue)
  return system !== null && workflowsOf(system).localActivities.includes(activity)
}
