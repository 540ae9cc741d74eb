import type { RunningSignups } from '../../../client/running-signups.ts'
import type { Signups } from '../../../client/signups.ts'
import type { OwnerOf } from '../tenants.ts'
import type { Intents, LeftOverIntent } from '../../../state/mongo/atproto/intents.ts'

/** Longer than any step and the write that it may have begun. */
const OLD_MS = 3_600_000
const PAGE = 1_000
/** Pages that one audit reads. */
const MOST_PAGES = 10

export interface LeftOverIntentsDeps {
  readonly intents: Intents
  readonly running: RunningSignups
  readonly signups: Signups
  readonly ownerOf: OwnerOf
}

/**
 * Discards intents of people who have their account and no running signup. A slow database may store an intent after
 * the step that prepared it has ended and another attempt has completed the signup; nothing would use it, and it holds a
 * sealed address and password.
 */
export async function discardLeftOverIntents(
  {
    intents,
    running,
    signups,
    ownerOf,
  }: Omit<LeftOverIntentsDeps, 'ownerOf'> & {
    readonly ownerOf: (identity: string) => { readonly name: string } | null
  },
  { olderThanMs = OLD_MS, pageSize = PAGE }: { olderThanMs?: number; pageSize?: number } = {},
): Promise<void> {
  const preparedBefore = new Date(Date.now() - olderThanMs)
  const discard = async (intent: LeftOverIntent): Promise<void> => {
    const tenant = ownerOf(intent.identity)?.name
    if (tenant === undefined) return
    // A running signup may be about to apply a changed address to the account.
    if (await running.isRunning(signups.workflowIdOf({ tenant, identity: intent.identity }))) return
    await intents.discardLeftOver(intent)
  }
  // Page by page, so that intents that stay do not keep the others from being found.
  let after: string | null = null
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const found: LeftOverIntent[] = await intents.findLeftOver(preparedBefore, pageSize, after)
    for (const intent of found) await discard(intent)
    after = found.at(-1)?.identity ?? null
    if (found.length < pageSize) return
  }
}
