import { ScheduleOverlapPolicy, type Client } from '@temporalio/client'
import { catchUpScheduleId } from '../../contracts/ids.ts'
import { NO_TENANT } from '../../contracts/systems.ts'
import { withDeadline } from '../../client/temporal.ts'
import type { Logger } from '../../logging.ts'

/** Brings the next catch-up forward, once for any number of calls. */
export interface CatchUpSoon {
  request(): void
  stop(): void
}

/**
 * A catch-up sees a new user only after the grace period, so it is triggered then. Where that fails, or the schedule is
 * paused, the schedule alone decides: it runs every minute.
 */
export function createCatchUpSoon(
  temporal: Client,
  graceMs: number,
  logger: Pick<Logger, 'warn'>,
): CatchUpSoon {
  let timer: NodeJS.Timeout | null = null
  const trigger = async (): Promise<void> => {
    try {
      const handle = temporal.schedule.getHandle(catchUpScheduleId('supabase', NO_TENANT))
      await withDeadline(temporal, async () => {
        if (!(await handle.describe()).state.paused) await handle.trigger(ScheduleOverlapPolicy.SKIP)
      })
    } catch (error) {
      logger.warn({ err: error }, 'catch-up could not be brought forward')
    }
  }
  return {
    request() {
      timer ??= setTimeout(() => {
        timer = null
        void trigger()
      }, graceMs + 1_000).unref()
    },
    stop() {
      if (timer !== null) clearTimeout(timer)
    },
  }
}
