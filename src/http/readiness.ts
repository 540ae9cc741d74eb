import type { Logger } from '../logging.ts'

const FRESH_MS = 1_000
const LOGGED_EVERY_MS = 60_000

/**
 * Whether all dependencies of a webhook answer. However often and by however many callers this is requested, Temporal
 * and the databases are called once a second, and a failure is logged once a minute.
 */
export function createReadiness(options: {
  readonly ready: () => Promise<void>
  readonly logger: Pick<Logger, 'error'>
  readonly now?: () => number
}): () => Promise<boolean> {
  const { ready, logger, now = Date.now } = options
  let asked: { answer: Promise<boolean>; at: number } | null = null
  let answering = false
  let loggedAt = Number.NEGATIVE_INFINITY

  const ask = async (): Promise<boolean> => {
    answering = true
    try {
      await ready()
      return true
    } catch (error) {
      if (now() - loggedAt >= LOGGED_EVERY_MS) {
        loggedAt = now()
        logger.error({ err: error }, 'not ready: logged once a minute')
      }
      return false
    } finally {
      answering = false
    }
  }

  return () => {
    if (asked === null || (!answering && now() - asked.at >= FRESH_MS)) asked = { answer: ask(), at: now() }
    return asked.answer
  }
}
