import { continueAsNew, proxyActivities, setHandler } from '@temporalio/workflow'
import type { IntakeActivities } from '../activities/intake.ts'
import type { IngestInput, IngestResult } from '../contracts/intake.ts'
import { retry } from '../contracts/messages.ts'
import { createStepper } from './lib/step.ts'
import { openTroubles } from './lib/troubles.ts'

/** A few quick tries, each from where the last one was cut short; then the problem is shown, and the wait begins. */
const { tellPeople } = proxyActivities<IntakeActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '30s',
  retry: { maximumAttempts: 3, initialInterval: '1s', backoffCoefficient: 2 },
  summary: "Tell these people's signups",
})

/**
 * A chunk of a large delivery: durable as soon as it is started, passed on person by person afterwards. It does not end
 * before everybody was told: what was taken at the door has to arrive.
 */
export async function ingest(input: IngestInput): Promise<IngestResult> {
  const { system = 'atproto', tenant, news } = input
  const view = openTroubles<'telling-signups'>(system, '-')
  const step = createStepper(view, () => continueAsNew<typeof ingest>(input))
  setHandler(retry, step.retry)
  await step.run('telling-signups', () => tellPeople({ tenant, news }))
  return { told: news.length }
}
