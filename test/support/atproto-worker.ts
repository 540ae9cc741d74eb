import type { WorkflowBundleOption } from '@temporalio/worker'
import type { AtprotoDeps } from '../../src/activities/atproto/deps.ts'
import type { HealthDeps } from '../../src/activities/health.ts'
import { createRepairReports, type RepairReports } from '../../src/client/repair-reports.ts'
import { recordTenantStart } from '../../src/intake/atproto/tenant-start.ts'
import { createLogger } from '../../src/logging.ts'
import { connectAtproto, type AtprotoConfig } from '../../src/worker/atproto/deps.ts'
import { atprotoActivities } from '../../src/worker/atproto/part.ts'
import { connectMongo } from '../../src/adapters/mongo/lib/connect.ts'
import type { Sections } from '../../src/config.ts'
import { openMongoState } from '../../src/state/mongo/open.ts'
import type { MongoConnection } from '../../src/state/open.ts'
import { connectWorker } from '../../src/worker/connections.ts'
import { connectHealth } from '../../src/worker/health/health.ts'
import type { CommonDeps } from '../../src/worker/common-deps.ts'
import { runWorkers, type RunningWorkers } from '../../src/worker/run.ts'
import { withActivitiesOfEach } from '../../src/worker/start.ts'

/** The outside world of a worker for `atproto`, of which a test may replace parts. */
export type WorkerDeps = AtprotoDeps &
  CommonDeps & {
    readonly health: HealthDeps
    readonly repairReports: RepairReports
  }

/** Connects as the worker's process does, on that database where one is given. */
export function connectWorkerDeps(
  config: AtprotoConfig & Pick<Sections, 'mongo'>,
  mongo: Pick<MongoConnection, 'client' | 'db'> = connectMongo(config.mongo),
): { deps: WorkerDeps; close: () => Promise<void> } {
  const logger = createLogger('worker')
  const connections = connectWorker({
    system: 'atproto',
    config,
    logger,
    opened: openMongoState('atproto', mongo),
  })
  const { deps, health, flush } = connectAtproto(config, connections)
  const catchUps = config.tenants.map(({ name: tenant }) => ({ tenant }))
  return {
    deps: {
      ...deps,
      health: connectHealth({ name: 'atproto', catchUps }, connections, health),
      repairReports: createRepairReports(connections.temporal),
    },
    async close() {
      await flush()
      await connections.close()
    },
  }
}

/** Runs the workers of `atproto` with these dependencies, without the process around them. */
export async function runAtprotoWorkers({
  config,
  deps,
  ...options
}: {
  readonly config: AtprotoConfig
  readonly deps: WorkerDeps
  readonly bundle: WorkflowBundleOption
  readonly graceTime?: string
}): Promise<RunningWorkers> {
  await recordTenantStart(deps.cursors, deps.tenants)
  return runWorkers(
    'atproto',
    (stopping) => withActivitiesOfEach(atprotoActivities(deps, config, stopping), deps),
    { config, ...options },
  )
}
