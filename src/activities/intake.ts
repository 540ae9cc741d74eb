import { Context } from '@temporalio/activity'
import type { UserList } from '../adapters/auth0-search.ts'
import type { PersonNews } from '../contracts/intake.ts'
import { atMost } from '../intake/at-most.ts'
import { passOnOne } from '../intake/pass-on.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { createLogReader, type LogRead } from './catch-up-log.ts'
import { createUserLook, type UsersSeen } from './catch-up-users.ts'
import { naming } from './failures.ts'
import { BEAT_MS, heartbeating } from './heartbeat.ts'

/** Calls to Temporal under way at once for a whole worker, however many chunks wait: what was found later is not urgent. */
const TELLING_AT_ONCE = 8

/** The steps of `ingest` and `catchUp`. Each is safe to run twice. */
export interface IntakeActivities {
  /** Tells the signups of a chunk, some at a time; an attempt that was cut short goes on where it was. */
  tellPeople(chunk: { tenant: string; news: readonly PersonNews[] }): Promise<void>
  /** Reads the next page of a tenant's log, hands it to the door and moves the cursor. `first`: of this run. */
  readLogPage(place: { tenant: string; first: boolean }): Promise<LogRead>
  /** Looks through the users who came, or were verified, lately, and tells of those who are not complete. */
  lookForUsers(place: { tenant: string; list: UserList }): Promise<UsersSeen>
}

export function createIntakeActivities(deps: AtprotoDeps): IntakeActivities {
  const paced = atMost(TELLING_AT_ONCE)
  return {
    tellPeople: naming(async ({ tenant, news }) => {
      const context = Context.current()
      const { info, cancellationSignal } = context
      let done = Number(info.heartbeatDetails ?? 0)
      const failed: PromiseRejectedResult[] = []
      // By time too, not by turn alone: behind many chunks, or a Temporal that is slow, a turn may be long in coming.
      const beat = setInterval(() => context.heartbeat(done), BEAT_MS)
      try {
        for (let from = done; from < news.length; from += TELLING_AT_ONCE) {
          cancellationSignal.throwIfAborted()
          context.heartbeat(done)
          const few = news.slice(from, from + TELLING_AT_ONCE)
          const told = await Promise.allSettled(
            few.map((one) => paced(() => passOnOne(deps.signups, tenant, one, 'bulk'))),
          )
          failed.push(...told.filter((result) => result.status === 'rejected'))
          if (failed.length === 0) done = from + few.length // the next attempt begins where the first of them failed
        }
      } finally {
        clearInterval(beat)
      }
      if (failed[0] !== undefined) throw failed[0].reason
    }),
    readLogPage: heartbeating(naming(createLogReader(deps))),
    lookForUsers: naming(createUserLook(deps, () => Context.current().heartbeat())),
  }
}
