import { TestWorkflowEnvironment } from '@temporalio/testing'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { timeSkippingExecutable } from './time-skipping-server.ts'

/** Temporal's own numbers for the types of search attributes. */
const TYPES = { Keyword: 2, Datetime: 6 } as const
const TRIES = 6

/** Starts the time-skipping server. The SDK gives it five seconds, which may be too short on a busy machine. */
export async function timeSkipping(): Promise<TestWorkflowEnvironment> {
  const executable = await timeSkippingExecutable({ progress })
  for (let attempt = 1; ; attempt += 1) {
    try {
      const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } })
      await environment.connection.operatorService.addSearchAttributes({
        namespace: 'default',
        searchAttributes: Object.fromEntries(
          Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, TYPES[type]]),
        ),
      })
      return environment
    } catch (error) {
      if (attempt === TRIES || !String(error).includes('did not start within')) throw error
    }
  }
}
