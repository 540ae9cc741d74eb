import {
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker'
import type { Sections } from '../config.ts'
import { taskQueueOf, type System } from '../contracts/systems.ts'
import { logFields } from './log-fields.ts'
import type { Logger } from '../logging.ts'
import { createDataConverter } from '../payloads/data-converter.ts'

/** A few polls keep up with thousands of signups an hour; each further one only costs the server and the worker. */
const POLLS = { maxConcurrentWorkflowTaskPolls: 4, maxConcurrentActivityTaskPolls: 4 }

/**
 * Dozens of signups are active at once; the thousands that wait need no place in the cache. One that is not cached is
 * replayed when it continues, in milliseconds.
 */
const MAX_CACHED_WORKFLOWS = 100

/** Longer than the longest activity, so that a worker that shuts down lets each activity end. */
const SHUTDOWN_GRACE = '65s'

/** Without this, the SDK throttles heartbeats to 0.8 of their time-out, which leaves a slow Temporal only the rest. */
const HEARTBEAT_AT_MOST_EVERY = '3s'

/** A task queue for the activities that call one rate-limited server. */
export interface ActivityQueue {
  readonly taskQueue: string
  readonly activities: object
  /** The most activities that this worker runs at once. */
  readonly atOnce: number
  /** The most activities that start each second, on all workers together. */
  readonly perSecond: number
}

/** Activities that a worker runs for one system. */
export interface SystemActivities {
  /** The activities on the system's own queue, where its workflows run too. */
  readonly activities: object
  readonly queues: readonly ActivityQueue[]
}

export interface WorkerOptions {
  readonly config: Pick<Sections, 'temporal' | 'keys'>
  readonly graceTime?: string
  readonly bundle: WorkflowBundleOption
}

export interface RunningWorkers {
  /** Resolves when every worker has shut down; rejects when one failed. */
  readonly finished: Promise<void>
  shutdown(): void
}

/**
 * Workers for one system: one for its workflows and activities, and one for each further queue. `createActivities` gets
 * the signal that aborts when the workers shut down.
 */
export async function runWorkers(
  system: System,
  createActivities: (stopping: AbortSignal) => SystemActivities,
  options: WorkerOptions,
): Promise<RunningWorkers> {
  const { connection: connectionOptions, namespace } = options.config.temporal
  const connection = await NativeConnection.connect(connectionOptions)
  const stopping = new AbortController()
  const { activities, queues } = createActivities(stopping.signal)
  const common = {
    connection,
    namespace,
    dataConverter: createDataConverter(options.config.keys.sealing),
    shutdownGraceTime: options.graceTime ?? SHUTDOWN_GRACE,
    maxHeartbeatThrottleInterval: HEARTBEAT_AT_MOST_EVERY,
    ...POLLS,
  }
  const workers = [
    await Worker.create({
      ...common,
      taskQueue: taskQueueOf(system),
      workflowBundle: options.bundle,
      maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
      activities,
    }),
  ]
  for (const { taskQueue, activities: own, atOnce, perSecond } of queues)
    workers.push(
      await Worker.create({
        ...common,
        taskQueue,
        activities: own,
        maxConcurrentActivityTaskExecutions: atOnce,
        // Temporal applies the last value that a worker sent to all of them.
        maxTaskQueueActivitiesPerSecond: perSecond,
      }),
    )
  const shutdown = (): void => {
    stopping.abort()
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
  }
  const run = async (): Promise<void> => {
    try {
      await runTogether(
        workers.map((worker) => () => worker.run()),
        shutdown,
      )
    } finally {
      await connection.close()
    }
  }
  return { finished: run(), shutdown }
}

/**
 * Runs these until all have ended. One that fails shuts down the others: a process that serves half its queues would
 * look alive and would not be. Throws the first failure.
 */
export async function runTogether(
  parts: readonly (() => Promise<void>)[],
  shutdown: () => void,
): Promise<void> {
  const ended = await Promise.allSettled(
    parts.map((run) =>
      run().catch((error: unknown) => {
        shutdown()
        throw error
      }),
    ),
  )
  const failed = ended.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/**
 * Sends the SDK's log lines to Holdfast's logger, once for each process. `metricsAddress`: where the SDK serves its
 * metrics for Prometheus, such as `127.0.0.1:9464`; null for nowhere, which also spares their cost.
 */
export function installRuntime(logger: Logger, metricsAddress: string | null = null): void {
  const log = new DefaultLogger('INFO', ({ level, message, meta }) => {
    const write = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const
    logger[write[level]](logFields(meta ?? {}), message)
  })
  Runtime.install({
    logger: log,
    telemetryOptions: {
      ...(metricsAddress === null ? {} : { metrics: { prometheus: prometheusAt(metricsAddress) } }),
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
    },
  })
}

function prometheusAt(bindAddress: string) {
  return { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true }
}
