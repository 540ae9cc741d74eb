import { condition } from '@temporalio/workflow'
import type { Problem } from '../../contracts/problems.ts'
import type { System } from '../../contracts/systems.ts'
import { problemText } from '../../domain/problems.ts'
import { retryDelay } from '../../domain/retry-delay.ts'
import { spread, troubleOf } from './step.ts'

export interface Patience {
  /** Runs a step until it succeeds. A rate limit is a turn to wait for; everything else is shown until it is over. */
  run<T>(step: () => Promise<T>): Promise<T>
  /** Ends the wait before the next round. */
  retry(): void
}

/** For workflows that belong to no person. `show` gets the problem that holds things up, and null when it is over. */
export function createPatience(system: System, show: (problem: Problem | null) => void): Patience {
  let retryAsked = false
  const pause = async (ms: number): Promise<void> => {
    await condition(() => retryAsked, ms)
    retryAsked = false
  }

  return {
    retry: () => void (retryAsked = true),
    async run(step) {
      let since: string | null = null
      for (let rounds = 1; ;) {
        try {
          const result = await step()
          if (since !== null) show(null)
          return result
        } catch (error) {
          const { problem: name, detail, retryAt } = troubleOf(error)
          if (retryAt !== null) {
            await pause(spread(Date.parse(retryAt) - Date.now()))
            continue
          }
          since ??= new Date().toISOString()
          const delay = retryDelay(rounds, Math.random())
          show({
            name,
            ...problemText(name, { system, identity: '<id>', detail }),
            since,
            attempts: rounds,
            nextTryAt: new Date(Date.now() + delay).toISOString(),
          })
          rounds += 1
          await pause(delay)
        }
      }
    },
  }
}
