import { Runtime } from '@temporalio/worker'
import { createLogger } from '../logging.ts'
import { configureServed, startAll } from '../systems/served.ts'
import { bundleWorkflows } from './bundle.ts'
import { WORKER_PROCESS_SECTIONS } from './connections.ts'
import { reportProcess } from './metrics.ts'
import { installRuntime, runTogether } from './run.ts'
import { startWorker } from './start.ts'

/**
 * Runs a worker for the systems in HOLDFAST_SYSTEMS until SIGINT or SIGTERM, and returns once the activities in flight
 * have ended. `workflowsPath`: the module that exports the workflows, where it is not Holdfast's own.
 */
export async function runWorkerProcess({ workflowsPath }: { workflowsPath?: string } = {}): Promise<void> {
  const { systems, config } = await configureServed('worker', WORKER_PROCESS_SECTIONS)
  const logger = createLogger('worker')
  if (config.mode === 'observe') logger.warn('HOLDFAST_MODE=observe: nothing is written, signups wait')
  installRuntime(logger, config.workerMetrics.address)
  if (config.workerMetrics.address !== null) reportProcess(Runtime.instance().metricMeter, config.build)
  const stopping = new AbortController()
  process.once('SIGINT', () => stopping.abort())
  process.once('SIGTERM', () => stopping.abort())
  const bundle = await bundleWorkflows({
    docsUrl: config.docs.url,
    ...(workflowsPath === undefined ? {} : { workflowsPath }),
  })
  const running = await startAll(
    systems.map(
      ({ system, configured: worker, state }) =>
        () =>
          startWorker({
            system,
            worker,
            state,
            config,
            bundle,
            logger: logger.child({ system: system.name }),
          }),
    ),
    async (workers) => {
      workers.shutdown()
      await workers.finished
    },
  )
  const shutdown = (): void => {
    for (const workers of running) workers.shutdown()
  }
  stopping.signal.addEventListener('abort', shutdown)
  if (stopping.signal.aborted) shutdown()
  await runTogether(
    running.map(
      ({ finished }) =>
        () =>
          finished,
    ),
    shutdown,
  )
}
