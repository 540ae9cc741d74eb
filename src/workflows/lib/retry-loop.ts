import { condition } from '@temporalio/workflow'
import type { Problem } from '../../contracts/problems.ts'
import type { System } from '../../contracts/systems.ts'
import { problemText } from '../../domain/problems.ts'
import { createRetryRounds } from '../../domain/retries/retry-rounds.ts'
import { nameFailure } from './named-failure.ts'

export interface RetryLoop {
  /**
   * Runs a step until it succeeds, attempt by attempt as a `StepRunner` does. A rate limit is a planned wait; every
   * other failure is shown as a problem until it is solved.
   */
  run<T>(step: () => Promise<T>): Promise<T>
  /** Ends the wait before the next attempt. */
  retry(): void
}

/**
 * For workflows that belong to no person. `show` is called with the problem that blocks the workflow, and with null
 * once it is solved.
 */
export function createRetryLoop(system: System, show: (problem: Problem | null) => void): RetryLoop {
  let retryRequested = false

  return {
    retry: () => void (retryRequested = true),
    async run(step) {
      const rounds = createRetryRounds()
      let attempts = 0
      for (let shown = false; ;) {
        try {
          const result = await step()
          if (shown) show(null)
          return result
        } catch (error) {
          const next = rounds.next(nameFailure(error), attempts, Date.now(), Math.random())
          const { problem: name, detail, since, waitMs } = next
          if (next.usesRound) attempts += 1
          if (next.shownAs === 'problem') {
            shown = true
            show({
              name,
              ...problemText(name, { system, identity: '<id>', detail }),
              since,
              attempts,
              nextTryAt: new Date(Date.now() + waitMs).toISOString(),
            })
          }
          await condition(() => retryRequested, waitMs)
          if (next.shownAs === 'quick') continue // a `retry` that comes now ends the back-off after the round, too
          if (retryRequested) rounds.restart()
          retryRequested = false
        }
      }
    },
  }
}
