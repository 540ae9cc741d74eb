import type { WorkflowBundleOption } from '@temporalio/worker'
import { connectMongo } from '../../adapters/mongo/lib/connect.ts'
import { loadAtprotoConfig } from '../../config/atproto/sections.ts'
import { atprotoSettings } from '../../config/atproto/settings.ts'
import { settingsFingerprints, sharedSettings } from '../../config/fingerprints.ts'
import { createIdHash } from '../../crypto/keyring.ts'
import type { Logger } from '../../logging.ts'
import { createWorkerReports } from '../../state/mongo/workers.ts'
import { reportWorker, describeThisWorker } from '../report.ts'
import type { RunningWorkers } from '../run.ts'
import { ATPROTO_SECTIONS, connectAtproto } from './deps.ts'
import { keepHandleWatcherRunning } from './handle-watcher.ts'
import { runAtprotoWorkers } from './run.ts'

/** Runs the workers for `atproto`, keeps the watcher of handles running, and reports this process. */
export async function startAtprotoWorker({
  bundle,
  logger,
}: {
  readonly bundle: WorkflowBundleOption
  readonly logger: Logger
}): Promise<RunningWorkers> {
  const config = loadAtprotoConfig(ATPROTO_SECTIONS)
  const mongo = connectMongo(config.mongo)
  const { deps, close } = connectAtproto(config, mongo)
  await deps.handleSyncs.ensureWatcher() // one for all workers, and it outlives each
  const stopWatching = keepHandleWatcherRunning(deps.handleSyncs, logger)
  const workers = await runAtprotoWorkers({ config, deps, bundle })
  const reporting = reportWorker(
    createWorkerReports(mongo.db, 'atproto'),
    describeThisWorker(
      config.build,
      settingsFingerprints(
        { ...sharedSettings(config), ...atprotoSettings(config) },
        createIdHash(config.keys.id),
      ),
    ),
    logger,
  )
  let reported: Promise<void> | null = null
  const finish = async (): Promise<void> => {
    try {
      await workers.finished
    } finally {
      // Whatever is left open would keep a process alive whose workers have failed.
      stopWatching()
      await (reported ?? reporting.stop())
      await close()
    }
  }
  return {
    finished: finish(),
    shutdown() {
      workers.shutdown()
      reported ??= reporting.stop()
    },
  }
}
