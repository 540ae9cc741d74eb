import { continueAsNew, proxyActivities, setHandler } from '@temporalio/workflow'
import type { CatchUpActivities } from '../activities/catch-up.ts'
import type { IngestInput, IngestResult } from '../contracts/intake.ts'
import { retry } from '../contracts/messages.ts'
import { createStepRunner } from './lib/step-runner.ts'
import { ownSystem } from './lib/own-system.ts'
import { openProblemView } from './lib/problem-view.ts'
import { withDescription } from './lib/descriptions.ts'

/**
 * A few quick attempts, each from where the previous one stopped; then the problem is shown, and the back-off starts.
 */
const { notifySignups } = proxyActivities<CatchUpActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '30s',
  retry: { maximumAttempts: 3, initialInterval: '1s', backoffCoefficient: 2 },
  summary: 'Notify the signups of these people',
})

/**
 * A chunk of a large delivery: durable once it is started, then passed on person by person. It does not end before
 * everybody's signup was notified, since every accepted event has to arrive.
 */
export async function ingest(input: IngestInput): Promise<IngestResult> {
  const { tenant, updates } = input
  const system = ownSystem(input.system)
  const view = openProblemView<'telling-signups'>(system, '-')
  const step = createStepRunner(view, () => continueAsNew<typeof ingest>(input))
  setHandler(retry, step.retry, withDescription(retry))
  await step.run('telling-signups', () => notifySignups({ tenant, news: updates }))
  return { notified: updates.length }
}
