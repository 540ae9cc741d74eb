import type { AtprotoDeps } from '../../activities/atproto/deps.ts'
import { createAtprotoAudit } from '../../activities/atproto/audit/answers.ts'
import { createAtprotoSources } from '../../activities/atproto/catch-up/sources.ts'
import {
  createAtprotoDeletion,
  createPdsDeletionActivities,
} from '../../activities/atproto/deletion/activities.ts'
import { createHandleWatchActivities } from '../../activities/atproto/handle-watch.ts'
import {
  createPdsSignupActivities,
  createSignupActivities,
} from '../../activities/atproto/signup/activities.ts'
import { loadAtprotoConfig, type AtprotoSections } from '../../config/atproto/sections.ts'
import { PDS_TASK_QUEUE } from '../../contracts/atproto/workflows.ts'
import { recordTenantStart } from '../../intake/atproto/tenant-start.ts'
import type { SystemWork, WorkerPart } from '../../systems/worker-part.ts'
import type { CommonDeps } from '../common-deps.ts'
import { ATPROTO_SECTIONS, connectAtproto } from './deps.ts'
import { keepHandleWatcherRunning } from './handle-watcher.ts'

/** Signups by Auth0, MongoDB and the PDS, and the watcher of handles. */
export const atprotoWorker: WorkerPart = {
  configure(env) {
    const config = loadAtprotoConfig(ATPROTO_SECTIONS, env)
    return {
      connect(connections) {
        const { deps, health, flush } = connectAtproto(config, connections)
        return {
          activities: (stopping) => atprotoActivities(deps, config, stopping),
          health,
          async begin() {
            await recordTenantStart(deps.cursors, deps.tenants)
            await deps.handleSyncs.ensureWatcher() // one for all workers, and it outlives each
            return keepHandleWatcherRunning(deps.handleSyncs, connections.logger)
          },
          close: flush,
        }
      },
    }
  },
}

/** Workflows and database activities on one queue, the activities of the PDS on another. */
export function atprotoActivities(
  deps: AtprotoDeps & CommonDeps,
  { pds }: Pick<AtprotoSections, 'pds'>,
  stopping: AbortSignal,
): SystemWork {
  return {
    common: deps,
    audit: createAtprotoAudit(deps),
    sources: createAtprotoSources(deps),
    deletion: createAtprotoDeletion(deps),
    activities: {
      ...createSignupActivities(deps),
      ...createHandleWatchActivities(deps, stopping),
    },
    queues: [
      {
        taskQueue: PDS_TASK_QUEUE,
        activities: { ...createPdsSignupActivities(deps), ...createPdsDeletionActivities(deps) },
        atOnce: 6,
        perSecond: pds.stepsPerSecond,
      },
    ],
  }
}
