import { loadConfig } from './config.ts'
import { runEntry } from './entry.ts'
import { createLogger } from './logging.ts'
import { connectAtproto } from './worker/deps.ts'
import { installRuntime, runAtprotoWorkers } from './worker/run.ts'

/** Entry: a worker for the systems in HOLDFAST_SYSTEMS. Ends on SIGINT or SIGTERM, when the steps at hand have ended. */
await runEntry(async () => {
  const config = loadConfig(['temporal', 'systems', 'mongo', 'tenants', 'pds', 'keys', 'signup'])
  const logger = createLogger('worker')
  installRuntime(logger)
  const { deps, close } = connectAtproto(config)
  const workers = await runAtprotoWorkers({ temporal: config.temporal, deps })
  process.once('SIGINT', workers.shutdown)
  process.once('SIGTERM', workers.shutdown)
  await workers.finished
  await close()
})
