import { cancellationSignal, heartbeat } from '@temporalio/activity'
import pMap from 'p-map'
import { handleChoice } from '../domain/handle.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { naming } from './failures.ts'

/** Syncs asked for at once. */
const AT_ONCE = 10
/** How old the token of a quiet stream may get; it must not fall out of the database's history. */
const KEEP_EVERY_MS = 10_000
/** Then the activity ends and its workflow schedules it anew, which bounds what a zombie may do. */
const LONGEST_MS = 3_600_000

export interface WatchActivities {
  /**
   * Follows `@handles` for about an hour and has each changed handle synced; ends early when its worker shuts down or
   * when history was lost. Whoever goes on after it starts from the kept token, or compares everybody first.
   */
  followHandles(): Promise<void>
}

/** `stopping` tells the end of the worker: an activity this long would hold it up. */
export function createWatchActivities(deps: AtprotoDeps, stopping: AbortSignal): WatchActivities {
  const { handleChanges, handleSyncs, handleDomain, tenantOf } = deps

  const ask = (identities: readonly string[]): Promise<unknown> =>
    pMap(identities, (identity) => handleSyncs.ask({ tenant: tenantOf(identity).name, identity }), {
      concurrency: AT_ONCE,
    })

  /** Set-based: a page of people a query, and only those whose handles disagree cost more. */
  const compareAll = async (ended: () => boolean): Promise<void> => {
    let after: string | null = null
    for (;;) {
      const page = await handleChanges.pairs(after)
      const differing = page.filter(({ chosen, code, current }) => {
        const { wanted, byCode } = handleChoice(chosen, code, handleDomain)
        return current !== (wanted ?? byCode)
      })
      await ask(differing.map(({ identity }) => identity))
      heartbeat()
      after = page.at(-1)?.identity ?? null
      if (after === null || ended()) return
    }
  }

  return {
    followHandles: naming(async () => {
      const cancelled = cancellationSignal()
      const until = Date.now() + LONGEST_MS
      const ended = (): boolean => stopping.aborted || cancelled.aborted || Date.now() > until
      const changes = await handleChanges.follow()
      try {
        if (changes.fromScratch) {
          await compareAll(ended)
          if (ended()) return
          await changes.keep()
        }
        let keptAt = Date.now()
        while (!ended()) {
          const changed = await changes.next()
          heartbeat()
          if (changed === null) return
          if (changed.length > 0) await ask(await handleChanges.withAccount(changed))
          if (changed.length > 0 || Date.now() - keptAt > KEEP_EVERY_MS) {
            await changes.keep()
            keptAt = Date.now()
          }
        }
      } finally {
        await changes.close()
      }
    }),
  }
}
