import { Context } from '@temporalio/activity'
import { OutsideError } from '../../domain/outside-error.ts'

/** Several to each heartbeat timeout, so that a long page or a wait is not taken for a death. */
const BEAT_MS = 5_000

export interface Scan<C> {
  /** Where an attempt before this one had come to, or the beginning. */
  readonly cursor: C
  /** A page is done. Throws when the activity has been cancelled. */
  reached(cursor: C): void
  /** Runs one call to the outside world; a rate limit is a turn to wait for, however long it takes. */
  patiently<T>(call: () => Promise<T>): Promise<T>
}

/** Runs a long scan: its cursor is heartbeaten, so that the next attempt goes on where this one ended. */
export async function scanning<C, R>(beginning: C, work: (scan: Scan<C>) => Promise<R>): Promise<R> {
  const context = Context.current()
  let cursor = (context.info.heartbeatDetails as C | undefined) ?? beginning
  const beat = setInterval(() => context.heartbeat(cursor), BEAT_MS)
  try {
    return await work({
      cursor,
      reached(next) {
        cursor = next
        context.heartbeat(cursor)
        context.cancellationSignal.throwIfAborted()
      },
      async patiently(call) {
        for (;;) {
          try {
            return await call()
          } catch (error) {
            const retryAt = turnOf(error)
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

function turnOf(error: unknown): Date | null {
  return error instanceof OutsideError ? error.retryAt : null
}
