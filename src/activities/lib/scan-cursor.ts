import { Context } from '@temporalio/activity'
import { OutsideError } from '../../domain/outside-error.ts'

/** Several for each heartbeat time-out, so that a long page or a wait is not taken for the death of the worker. */
const HEARTBEAT_INTERVAL_MS = 5_000

export interface Scan<C> {
  /** The position that the previous attempt reached, or the beginning. */
  readonly cursor: C
  /** Records that a page is done. Throws when the activity has been cancelled. */
  saveCursor(cursor: C): void
  /** Runs one call to another system; a rate limit is a planned wait, however long it takes. */
  waitOutRateLimits<T>(call: () => Promise<T>): Promise<T>
}

/** Runs a long scan: its cursor is sent with the heartbeat, so that the next attempt continues where this one ended. */
export async function withScanCursor<C, R>(beginning: C, work: (scan: Scan<C>) => Promise<R>): Promise<R> {
  const context = Context.current()
  let cursor = (context.info.heartbeatDetails as C | undefined) ?? beginning
  const beat = setInterval(() => context.heartbeat(cursor), HEARTBEAT_INTERVAL_MS)
  try {
    return await work({
      cursor,
      saveCursor(next) {
        cursor = next
        context.heartbeat(cursor)
        context.cancellationSignal.throwIfAborted()
      },
      async waitOutRateLimits(call) {
        for (;;) {
          try {
            return await call()
          } catch (error) {
            const retryAt = retryTimeOf(error)
            if (retryAt === null) throw error
            await context.sleep(Math.max(retryAt.getTime() - Date.now(), 1_000))
          }
        }
      },
    })
  } finally {
    clearInterval(beat)
  }
}

function retryTimeOf(error: unknown): Date | null {
  return error instanceof OutsideError ? error.retryAt : null
}
