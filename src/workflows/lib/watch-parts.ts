import type { Duration } from '@temporalio/common'
import { isCancellation, proxyActivities, TemporalFailure } from '@temporalio/workflow'
import type { HealthActivities } from '../../activities/health.ts'
import { PRIORITY } from '../../contracts/priorities.ts'
import type { System } from '../../contracts/systems.ts'
import type { WatchFailure } from '../../contracts/watch.ts'
import { problemText } from '../../domain/problems.ts'
import { isRateLimit } from '../../domain/retries/rate-limit.ts'
import { nameFailure } from './named-failure.ts'

/** Activities with a time-out of their own, so that one that hangs costs the run no more than that. */
const within = (startToCloseTimeout: Duration) =>
  proxyActivities<HealthActivities>({
    startToCloseTimeout,
    retry: { maximumAttempts: 2, initialInterval: '500ms' },
    priority: { priorityKey: PRIORITY.watch },
  })

export const healthActivities = within('20s')
/** The longest reads ten pages of Auth0's users, for up to four seconds each. */
export const { runInspection } = within('45s')

/** Runs the parts of one `watch`, and records which of them failed. */
export interface WatchParts {
  /** Returns the part's result; null where it failed. Only a cancellation of the run is thrown again. */
  run<T>(name: string, part: () => Promise<T>): Promise<T | null>
  /** Records a failure that did not end its part. */
  recordFailure(part: string, cause: string): void
  failures(): readonly WatchFailure[]
}

export function createWatchParts(system: System): WatchParts {
  const failed = new Map<string, string>()
  return {
    async run(name, part) {
      try {
        const result = await part()
        failed.delete(name)
        return result
      } catch (error) {
        if (isCancellation(error)) throw error
        const cause = causeOf(system, error)
        if (cause !== null) failed.set(name, cause)
        return null
      }
    },
    recordFailure: (part, cause) => void failed.set(part, cause),
    failures: () => [...failed].map(([part, cause]) => ({ part, cause })),
  }
}

/** A sentence on why a part failed; null for a rate limit, which is a planned wait and no failure. */
function causeOf(system: System, error: unknown): string | null {
  if (!(error instanceof TemporalFailure)) return error instanceof Error ? error.message : String(error)
  const { problem, detail } = nameFailure(error)
  return isRateLimit(problem) ? null : problemText(problem, { system, identity: '-', detail }).sentence
}
