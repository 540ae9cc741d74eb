import { runEntry } from './entry.ts'
import { createLogger } from './logging.ts'
import { loadServed, startAll } from './systems/served.ts'
import { bundleWorkflows } from './worker/bundle.ts'
import { installRuntime, runTogether } from './worker/run.ts'

/**
 * Entry: a worker for the systems in HOLDFAST_SYSTEMS. It exits on SIGINT or SIGTERM, once the activities in flight
 * have ended.
 */
await runEntry(async () => {
  const { systems, config } = await loadServed('worker', ['mode', 'docs'])
  const logger = createLogger('worker')
  if (config.mode === 'observe') logger.warn('HOLDFAST_MODE=observe: nothing is written, signups wait')
  installRuntime(logger)
  const stopping = new AbortController()
  process.once('SIGINT', () => stopping.abort())
  process.once('SIGTERM', () => stopping.abort())
  const bundle = await bundleWorkflows(config.docs.url)
  const running = await startAll(
    systems.map(
      ({ worker }) =>
        () =>
          worker.start({ bundle, logger }),
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
})
