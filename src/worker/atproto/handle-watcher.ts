import type { HandleSyncs } from '../../client/atproto/handle-syncs.ts'
import type { Logger } from '../../logging.ts'

const EVERY_MS = 60_000

/**
 * Starts `watchHandles` once a minute, which joins the running workflow, or starts it again where it was terminated.
 * While Temporal does not answer, the next minute's start is the retry. Returns a function that stops this.
 */
export function keepHandleWatcherRunning(
  handleSyncs: Pick<HandleSyncs, 'ensureWatcher'>,
  logger: Pick<Logger, 'warn'>,
  everyMs = EVERY_MS,
): () => void {
  const timer = setInterval(() => {
    handleSyncs.ensureWatcher().catch((error: unknown) => {
      logger.warn({ err: error }, 'watchHandles could not be started; retrying in a minute')
    })
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
