import { ConfigError, loadConfig } from './config.ts'
import type { System } from './contracts/systems.ts'
import { runEntry } from './entry.ts'
import { createLogger } from './logging.ts'
import { ATPROTO_SECTIONS, connectAtproto } from './worker/deps.ts'
import { installRuntime, runAtprotoWorkers } from './worker/run.ts'

/** What this version cannot do yet is refused, not passed over. */
function assertServed(systems: readonly System[]): void {
  if (systems.join() !== 'atproto')
    throw new ConfigError(['HOLDFAST_SYSTEMS may only be atproto: the others are not there yet'])
}

/** Entry: a worker for the systems in HOLDFAST_SYSTEMS. Ends on SIGINT or SIGTERM, when the steps at hand have ended. */
await runEntry(async () => {
  const config = loadConfig(['systems', ...ATPROTO_SECTIONS])
  assertServed(config.systems)
  const logger = createLogger('worker')
  if (config.mode === 'observe') logger.warn('HOLDFAST_MODE=observe: nothing is written, signups wait')
  installRuntime(logger)
  const { deps, close } = connectAtproto(config)
  await deps.handleSyncs.watch() // one for all workers, and it outlives each
  const workers = await runAtprotoWorkers({ config, deps })
  process.once('SIGINT', workers.shutdown)
  process.once('SIGTERM', workers.shutdown)
  await workers.finished
  await close()
})
