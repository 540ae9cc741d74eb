import { cancellationSignal, heartbeat, log } from '@temporalio/activity'
import pMap from 'p-map'
import { handleChoice } from '../../domain/atproto/handle.ts'
import type { HandleChanges } from '../../adapters/mongo/handle-changes.ts'
import type { HandleSyncs } from '../../client/atproto/handle-syncs.ts'
import type { OwnerOf } from './tenants.ts'
import { withFailureMapping } from '../lib/failures.ts'
import { withHeartbeat } from '../lib/heartbeat.ts'

/** Syncs requested at once. */
const AT_ONCE = 10
/**
 * Longest time without saving the resume token of a quiet stream; the token must not fall out of the database's
 * history.
 */
const KEEP_EVERY_MS = 10_000
/** After this time the activity ends and its workflow starts it again, which limits the effect of a zombie. */
const LONGEST_MS = 3_600_000

export interface HandleWatchActivities {
  /**
   * Follows `@handles` for about an hour and requests a sync of each changed handle; ends early when its worker shuts
   * down or when history was lost. The next attempt resumes from the saved token, or compares everybody first. With
   * `onlyOpen` it ends once the stream is open. `unowned`: changes left out because no configured tenant owns the
   * person.
   */
  watchHandleChanges(options?: { onlyOpen: boolean }): Promise<{ unowned: number }>
}

export interface HandleWatchDeps {
  readonly handleChanges: HandleChanges
  readonly handleSyncs: HandleSyncs
  readonly handleDomain: string
  readonly ownerOf: OwnerOf
}

/** `stopping` aborts when the worker shuts down, which an activity this long would delay. */
export function createHandleWatchActivities(
  deps: HandleWatchDeps,
  stopping: AbortSignal,
): HandleWatchActivities {
  const { handleChanges, handleSyncs, handleDomain, ownerOf } = deps

  /** People of a tenant that is not configured are left out and counted: they must not stop the others. */
  const requestSyncs = async (identities: readonly string[]): Promise<number> => {
    let unowned = 0
    await pMap(
      identities,
      async (identity) => {
        const tenant = ownerOf(identity)
        if (tenant === null) unowned += 1
        else await handleSyncs.requestSync({ tenant: tenant.name, identity })
      },
      { concurrency: AT_ONCE },
    )
    if (unowned > 0)
      log.warn('handles were not synced: no configured tenant owns these people', { people: unowned })
    return unowned
  }

  /**
   * Compares the handles of everybody: one query for each page of people, and only those whose handles differ cost
   * more.
   */
  const compareAll = async (ended: () => boolean): Promise<number> => {
    let after: string | null = null
    let unowned = 0
    for (;;) {
      const page = await handleChanges.pairsPage(after)
      const differing = page.filter(({ chosenHandle, code, accountHandle }) => {
        const { wanted, byCode } = handleChoice(chosenHandle, code, handleDomain)
        return accountHandle !== (wanted ?? byCode)
      })
      unowned += await requestSyncs(differing.map(({ identity }) => identity))
      heartbeat()
      after = page.at(-1)?.identity ?? null
      if (after === null || ended()) return unowned
    }
  }

  return {
    watchHandleChanges: withHeartbeat(
      withFailureMapping(async ({ onlyOpen } = { onlyOpen: false }) => {
        const cancelled = cancellationSignal()
        const until = Date.now() + LONGEST_MS
        const ended = (): boolean => stopping.aborted || cancelled.aborted || Date.now() > until
        const changes = await handleChanges.follow()
        let unowned = 0
        try {
          if (onlyOpen) return { unowned }
          if (changes.hasNoHistory) {
            unowned += await compareAll(ended)
            if (ended()) return { unowned }
            await changes.saveResumeToken()
          }
          let keptAt = Date.now()
          while (!ended()) {
            const changed = await changes.next()
            heartbeat()
            if (changed === null) break
            if (changed.length > 0) unowned += await requestSyncs(await handleChanges.withAccount(changed))
            if (changed.length > 0 || Date.now() - keptAt > KEEP_EVERY_MS) {
              await changes.saveResumeToken()
              keptAt = Date.now()
            }
          }
          return { unowned }
        } finally {
          await changes.close()
        }
      }),
    ),
  }
}
