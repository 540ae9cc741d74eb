import { createAuditActivities } from '../../activities/atproto/audit/activities.ts'
import { createIntakeActivities } from '../../activities/atproto/catch-up/activities.ts'
import {
  createDeletionActivities,
  createPdsDeletionActivities,
} from '../../activities/atproto/deletion/activities.ts'
import type { AtprotoDeps } from '../../activities/atproto/deps.ts'
import { createHandleWatchActivities } from '../../activities/atproto/handle-watch.ts'
import {
  createPdsSignupActivities,
  createSignupActivities,
} from '../../activities/atproto/signup/activities.ts'
import { createBackfillReportActivities } from '../../activities/backfill-report.ts'
import { createHealthActivities } from '../../activities/health.ts'
import type { AtprotoSections } from '../../config/atproto/sections.ts'
import { PDS_TASK_QUEUE } from '../../contracts/atproto/workflows.ts'
import { recordTenantStart } from '../../intake/atproto/tenant-start.ts'
import { runWorkers, type RunningWorkers, type WorkerOptions } from '../run.ts'

interface AtprotoWorkerOptions extends WorkerOptions {
  readonly config: WorkerOptions['config'] & Pick<AtprotoSections, 'pds'>
  readonly deps: AtprotoDeps
}

/** Workers for `atproto`: workflows and database activities on one queue, the activities of the PDS on another. */
export async function runAtprotoWorkers(options: AtprotoWorkerOptions): Promise<RunningWorkers> {
  const { deps, config } = options
  await recordTenantStart(deps.cursors, deps.tenants)
  return runWorkers(
    'atproto',
    (stopping) => ({
      activities: {
        ...createSignupActivities(deps),
        ...createAuditActivities(deps),
        ...createBackfillReportActivities(deps),
        ...createDeletionActivities(deps),
        ...createIntakeActivities(deps),
        ...createHandleWatchActivities(deps, stopping),
        ...createHealthActivities(deps.health),
      },
      queues: [
        {
          taskQueue: PDS_TASK_QUEUE,
          activities: { ...createPdsSignupActivities(deps), ...createPdsDeletionActivities(deps) },
          atOnce: 6,
          perSecond: config.pds.stepsPerSecond,
        },
      ],
    }),
    options,
  )
}
