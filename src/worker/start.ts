import type { WorkflowBundleOption } from '@temporalio/worker'
import { createAuditActivities } from '../activities/audit/activities.ts'
import { createBackfillReportActivities, type BackfillReportDeps } from '../activities/backfill-report.ts'
import { createCatchUpActivities } from '../activities/catch-up.ts'
import { createDeletionActivities } from '../activities/deletion/activities.ts'
import { createHealthActivities, type HealthDeps } from '../activities/health.ts'
import { createRepairReports } from '../client/repair-reports.ts'
import { shellEnv, withReadableSecretFiles } from '../config.ts'
import { settingsFingerprints, sharedSettings } from '../config/fingerprints.ts'
import type { Logger } from '../logging.ts'
import type { StateSettings } from '../config/state.ts'
import { verifyVersion, type VersionWatch } from '../state/verify-version.ts'
import { openState } from '../state/open.ts'
import type { ServedSystem } from '../systems/system.ts'
import type { ConfiguredWorker, SystemWork } from '../systems/worker-part.ts'
import { connectWorker, type WorkerConfig } from './connections.ts'
import { connectHealth } from './health/health.ts'
import { describeThisWorker, reportWorker } from './report.ts'
import { runTogether, runWorkers, type RunningWorkers, type SystemActivities } from './run.ts'

interface WorkerOptions {
  readonly system: ServedSystem
  readonly worker: ConfiguredWorker
  /** The database of the system's state. */
  readonly state: StateSettings
  readonly config: WorkerConfig
  readonly bundle: WorkflowBundleOption
  readonly logger: Logger
}

/**
 * Connects to the servers of one system, runs its workers until they are shut down, and reports this process.
 * `finished` also ends whatever else was started, and the connections.
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorkers> {
  const { system, worker, state, config, bundle, logger } = options
  const { name } = system
  const env = withReadableSecretFiles(shellEnv())
  const connections = connectWorker({ system: name, config, logger, opened: await openState(name, state) })
  const own = worker.connect(connections)
  const close = async (): Promise<void> => {
    await own.close()
    await connections.close()
  }
  let end = (): void => {}
  let version: VersionWatch | null = null
  let workers: RunningWorkers
  try {
    version = await verifyVersion(connections.opened, (error, what) => logger.warn({ err: error }, what))
    if (own.begin !== undefined) end = await own.begin()
    const catchUps = system.catchUps(env)
    const health = connectHealth({ name, catchUps }, connections, own.health)
    const repairReports = createRepairReports(connections.temporal)
    workers = await runWorkers(
      name,
      (stopping) => withActivitiesOfEach(own.activities(stopping), { health, repairReports }),
      { config, bundle },
    )
  } catch (error) {
    version?.stop()
    end()
    await close()
    throw error
  }
  const { ended, stop: stopVerifying } = version
  const settings = { ...system.state.variables(state), ...sharedSettings(config), ...system.settings(env) }
  const reporting = reportWorker(
    connections.opened.state.workers,
    describeThisWorker(config.build, settingsFingerprints(settings, connections.hash)),
    logger,
  )
  let reported: Promise<void> | null = null
  const shutdown = (): void => {
    stopVerifying()
    workers.shutdown()
  }
  const finish = async (): Promise<void> => {
    try {
      // Of tables of another version, too, the workers end before the connections that they use.
      await runTogether([() => workers.finished, () => ended], shutdown)
    } finally {
      // Whatever is left open would keep a process alive whose workers have failed.
      end()
      await (reported ?? reporting.stop())
      await close()
    }
  }
  return {
    finished: finish(),
    shutdown() {
      shutdown()
      reported ??= reporting.stop()
    },
  }
}

/** A system's activities, with those that a worker runs for every system by its answers. */
export function withActivitiesOfEach(
  { common, audit, sources, deletion, activities, queues }: SystemWork,
  { health, repairReports }: BackfillReportDeps & { readonly health: HealthDeps },
): SystemActivities {
  return {
    activities: {
      ...createAuditActivities(common, audit),
      ...createBackfillReportActivities({ repairReports }),
      ...createCatchUpActivities({ ...common, sources }),
      ...createDeletionActivities({ ...common, ...deletion }),
      ...createHealthActivities(health),
      ...activities,
    },
    queues,
  }
}
