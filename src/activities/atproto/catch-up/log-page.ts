import type { Auth0 } from '../../../adapters/auth0/auth0.ts'
import type { LogPage } from '../../../adapters/auth0/log.ts'
import { readUpToMs } from '../../../state/mongo/cursors.ts'
import type { Intake } from '../../../intake/intake.ts'
import type { TakeListedUsers } from '../../../intake/atproto/listed-users.ts'
import type { ReadSource } from '../../catch-up.ts'
import type { TenantNamed } from '../tenants.ts'
import type { Cursor, Cursors } from '../../../state/ports/cursors.ts'

/**
 * A reader that paused for less than this has missed nothing, however short the log's retention: the shortest is a day.
 */
const SURELY_KEPT_MS = 3_600_000

export interface SourceDeps {
  readonly tenantNamed: TenantNamed
  readonly cursors: Cursors
  /** The only intake for the provider's events. */
  readonly intake: Intake
  readonly takeListedUsers: TakeListedUsers
}

/** The log of a tenant; a place in it is Auth0's own checkpoint. */
export function createLogReader({ tenantNamed, cursors, intake }: SourceDeps): ReadSource {
  return async ({ tenant: name, first }) => {
    const tenant = tenantNamed(name)
    const [checkpoint, before] = await Promise.all([cursors.place(name, 'log'), cursors.load(name)])
    const { page, continuous } = await readOn(tenant.auth0, { checkpoint, before }, first)
    const { notified, duplicates, ignored, quarantined, oldest, newest } = await intake.take(
      name,
      page.logs,
      'bulk',
    )
    if (!continuous) await noteGap(oldest)
    // Only now is the whole page stored durably. Of several readers of the same page, only one moves the cursor.
    const caughtUp = page.logs.length === 0
    const lastEventAt = newest === null ? null : new Date(newest)
    await cursors.advance(name, 'log', { from: checkpoint, to: page.next, lastEventAt, caughtUp })
    return { counts: { events: page.logs.length, notified, duplicates, ignored, quarantined }, caughtUp }

    /** Records a gap: events between the last one read and the oldest that is kept may have been deleted. */
    async function noteGap(oldestKept: string | null): Promise<void> {
      const from = new Date(readUpToMs(before))
      const to = oldestKept === null ? new Date() : new Date(oldestKept)
      if (to > from) await cursors.recordGap(name, { from, to })
    }
  }
}

/** The page after the cursor, or the oldest page that is kept where Auth0 no longer knows the checkpoint. */
async function readOn(
  auth0: Pick<Auth0, 'hasLogEntry' | 'logPage'>,
  { checkpoint, before }: { checkpoint: string | null; before: Cursor },
  first: boolean,
): Promise<{ page: LogPage; continuous: boolean }> {
  const continuous =
    checkpoint === null || !first || isRecent(before) || (await auth0.hasLogEntry(checkpoint))
  const page = await auth0.logPage(checkpoint)
  if (page !== null) return { page, continuous }
  const oldest = await auth0.logPage(null)
  if (oldest === null) throw new Error('Auth0 rejects the request for the beginning of its log')
  return { page: oldest, continuous: false }
}

function isRecent(cursor: Cursor): boolean {
  return Date.now() - readUpToMs(cursor) < SURELY_KEPT_MS
}
