import { proxyActivities } from '@temporalio/workflow'
import type { IntakeActivities } from '../activities/intake.ts'
import type { IngestInput, IngestResult } from '../contracts/intake.ts'

/** No end to the attempts: what was taken at the door has to arrive. */
const { tellPeople } = proxyActivities<IntakeActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  summary: "Tell these people's signups",
})

/** A chunk of a large delivery: durable as soon as it is started, passed on person by person afterwards. */
export async function ingest({ tenant, news }: IngestInput): Promise<IngestResult> {
  await tellPeople({ tenant, news })
  return { told: news.length }
}
