import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker'
import { createAtprotoActivities, createPdsActivities } from '../activities/atproto.ts'
import { createDeletionActivities, createPdsDeletionActivities } from '../activities/deletion.ts'
import { createWatchActivities } from '../activities/handle-watch.ts'
import type { AtprotoDeps } from '../activities/atproto-deps.ts'
import { createHealthActivities } from '../activities/health.ts'
import { createAtprotoFindAndRepair } from '../activities/atproto-find-and-repair.ts'
import { createReportActivities } from '../activities/repair-report.ts'
import { createIntakeActivities } from '../activities/intake.ts'
import type { Sections } from '../config.ts'
import { PDS_TASK_QUEUE, taskQueueOf } from '../contracts/systems.ts'
import type { Logger } from '../logging.ts'
import { createDataConverter } from '../payloads/data-converter.ts'
import { bundleWorkflows } from './bundle.ts'

/** A few polls keep up with thousands of signups an hour; each open one more costs the server and us for nothing. */
const POLLS = { maxConcurrentWorkflowTaskPolls: 4, maxConcurrentActivityTaskPolls: 4 }

/**
 * Signups at work at once are dozens; the thousands that wait are better off at Temporal. One that is not kept here is
 * read again when it moves, in milliseconds.
 */
const MAX_CACHED_WORKFLOWS = 200

/** Above the longest step, so that a worker told to stop lets each step end. */
const SHUTDOWN_GRACE = '65s'

export interface RunningWorkers {
  /** Resolves when every worker has shut down; rejects when one failed. */
  readonly finished: Promise<void>
  shutdown(): void
}

/** Workers for the `atproto` system: its workflows and database steps on one queue, the PDS's step on another. */
export async function runAtprotoWorkers(options: {
  config: Pick<Sections, 'temporal' | 'keys' | 'pds'>
  deps: AtprotoDeps
  graceTime?: string
  /** Workflow code bundled before; bundled here when left out. */
  bundle?: WorkflowBundleOption
}): Promise<RunningWorkers> {
  const { connection: connectionOptions, namespace } = options.config.temporal
  const connection = await NativeConnection.connect(connectionOptions)
  const stopping = new AbortController()
  const common = {
    connection,
    namespace,
    dataConverter: createDataConverter(options.config.keys.sealing),
    shutdownGraceTime: options.graceTime ?? SHUTDOWN_GRACE,
  }
  const workers = [
    await Worker.create({
      ...common,
      taskQueue: taskQueueOf('atproto'),
      workflowBundle: options.bundle ?? (await bundleWorkflows()),
      maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
      ...POLLS,
      activities: {
        ...createAtprotoActivities(options.deps),
        ...createAtprotoFindAndRepair(options.deps),
        ...createReportActivities(options.deps),
        ...createDeletionActivities(options.deps),
        ...createIntakeActivities(options.deps),
        ...createWatchActivities(options.deps, stopping.signal),
        ...createHealthActivities(options.deps.health),
      },
    }),
    await Worker.create({
      ...common,
      taskQueue: PDS_TASK_QUEUE,
      activities: { ...createPdsActivities(options.deps), ...createPdsDeletionActivities(options.deps) },
      maxConcurrentActivityTaskExecutions: 6,
      // Temporal holds all workers to the last one told.
      maxTaskQueueActivitiesPerSecond: options.config.pds.stepsPerSecond,
      ...POLLS,
    }),
  ]
  const shutdown = (): void => {
    stopping.abort()
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
  }
  /** One that fails takes the others with it: a process that serves half its queues looks alive and is not. */
  const run = async (): Promise<void> => {
    const ended = await Promise.allSettled(
      workers.map((worker) =>
        worker.run().catch((error: unknown) => {
          shutdown()
          throw error
        }),
      ),
    )
    await connection.close()
    const failed = ended.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
  return { finished: run(), shutdown }
}

/** Sends the SDK's own log lines through ours, once a process. */
export function installRuntime(logger: Logger): void {
  const log = new DefaultLogger('INFO', ({ level, message, meta }) => {
    const write = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const
    logger[write[level]](meta ?? {}, message)
  })
  Runtime.install({
    logger: log,
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
    },
  })
}
