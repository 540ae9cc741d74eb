import { Context } from '@temporalio/activity'
import type { UserList } from '../../../adapters/auth0/search.ts'
import type { PersonUpdate } from '../../../contracts/intake.ts'
import { limitConcurrency } from '../../../intake/concurrency-limit.ts'
import { dispatchOne } from '../../../intake/dispatch.ts'
import type { Signups } from '../../../client/signups.ts'
import { createLogReader, type CatchUpDeps, type LogPageResult } from './log-page.ts'
import { createUserScan, type UserScanResult } from './recent-users.ts'
import { withFailureMapping } from '../../lib/failures.ts'
import { HEARTBEAT_INTERVAL_MS, withHeartbeat } from '../../lib/heartbeat.ts'

/** Calls to Temporal in flight for a whole worker, however many chunks wait: these updates are not urgent. */
const CONCURRENT_SIGNALS = 8

/** The activities of `ingest` and `catchUp`. Each is safe to run twice. */
export interface IntakeActivities {
  /**
   * Notifies the signups of a chunk, some at a time; the attempt after an interrupted one continues where that one
   * stopped.
   */
  notifySignups(chunk: { tenant: string; news: readonly PersonUpdate[] }): Promise<void>
  /** Reads the next page of a tenant's log, passes it to the intake and moves the cursor. `first`: of this run. */
  ingestLogPage(place: { tenant: string; first: boolean }): Promise<LogPageResult>
  /**
   * Lists the users who were created or verified recently, and notifies the signups of those whose records are
   * incomplete.
   */
  scanRecentUsers(place: { tenant: string; list: UserList }): Promise<UserScanResult>
}

export interface IntakeDeps extends CatchUpDeps {
  readonly signups: Signups
}

export function createIntakeActivities(deps: IntakeDeps): IntakeActivities {
  const paced = limitConcurrency(CONCURRENT_SIGNALS)
  return {
    notifySignups: withFailureMapping(async ({ tenant, news }) => {
      const context = Context.current()
      const { info, cancellationSignal } = context
      let done = Number(info.heartbeatDetails ?? 0)
      const failed: PromiseRejectedResult[] = []
      // Heartbeats by a timer too: with many chunks, or a slow Temporal, the next batch may take long to start.
      const beat = setInterval(() => context.heartbeat(done), HEARTBEAT_INTERVAL_MS)
      try {
        for (let from = done; from < news.length; from += CONCURRENT_SIGNALS) {
          cancellationSignal.throwIfAborted()
          context.heartbeat(done)
          const few = news.slice(from, from + CONCURRENT_SIGNALS)
          const told = await Promise.allSettled(
            few.map((one) => paced(() => dispatchOne(deps.signups, tenant, one, 'bulk'))),
          )
          failed.push(...told.filter((result) => result.status === 'rejected'))
          if (failed.length === 0) done = from + few.length // the next attempt starts at the batch of the first failure
        }
      } finally {
        clearInterval(beat)
      }
      if (failed[0] !== undefined) throw failed[0].reason
    }),
    ingestLogPage: withHeartbeat(withFailureMapping(createLogReader(deps))),
    scanRecentUsers: withHeartbeat(withFailureMapping(createUserScan(deps))),
  }
}
