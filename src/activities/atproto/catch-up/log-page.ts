import type { Auth0 } from '../../../adapters/auth0/auth0.ts'
import type { LogPage } from '../../../adapters/auth0/log.ts'
import { readUpToMs, type Cursor, type Cursors } from '../../../state/mongo/cursors.ts'
import type { Intake } from '../../../intake/intake.ts'
import type { TenantNamed } from '../tenants.ts'

/**
 * A reader that paused for less than this has missed nothing, however short the log's retention: the shortest is a day.
 */
const SURELY_KEPT_MS = 3_600_000

/** The outcome of one page of the log. */
export interface LogPageResult {
  readonly events: number
  readonly notified: number
  readonly duplicates: number
  readonly ignored: number
  readonly quarantined: number
  /** The date of the newest event read so far, ISO 8601. */
  readonly readUpTo: string | null
  /** Whether that was the end of the log. */
  readonly caughtUp: boolean
  readonly gap: { readonly from: string; readonly to: string } | null
}

export interface CatchUpDeps {
  readonly tenantNamed: TenantNamed
  readonly cursors: Cursors
  /** The only intake for the provider's events. */
  readonly intake: Intake
}

export function createLogReader({ tenantNamed, cursors, intake }: CatchUpDeps) {
  return async ({ tenant: name, first }: { tenant: string; first: boolean }): Promise<LogPageResult> => {
    const tenant = tenantNamed(name)
    const cursor = await cursors.load(name)
    const { page, continuous } = await readOn(tenant.auth0, cursor, first)
    const { accepted: _, oldest, newest, ...taken } = await intake.take(tenant, page.logs, 'bulk')
    if (!continuous) await noteGap(cursor, oldest)
    // Only now is the whole page stored durably. Of several readers of the same page, only one moves the cursor.
    const caughtUp = page.logs.length === 0
    const lastEventAt = newest === null ? null : new Date(newest)
    await cursors.advance(name, { from: cursor.checkpoint, to: page.next, lastEventAt, caughtUp })

    const { lastEventAt: readUpTo, gap } = await cursors.load(name)
    return {
      ...taken,
      events: page.logs.length,
      readUpTo: readUpTo?.toISOString() ?? null,
      caughtUp,
      gap: gap === null ? null : { from: gap.from, to: gap.to },
    }

    /** Records a gap: events between the last one read and the oldest that is kept may have been deleted. */
    async function noteGap(before: Cursor, oldestKept: string | null): Promise<void> {
      const from = new Date(readUpToMs(before))
      const to = oldestKept === null ? new Date() : new Date(oldestKept)
      if (to > from) await cursors.recordGap(name, { from, to })
    }
  }
}

/** The page after the cursor, or the oldest page that is kept where Auth0 no longer knows the checkpoint. */
async function readOn(
  auth0: Pick<Auth0, 'hasLogEntry' | 'logPage'>,
  cursor: Cursor,
  first: boolean,
): Promise<{ page: LogPage; continuous: boolean }> {
  const { checkpoint } = cursor
  const continuous =
    checkpoint === null || !first || isRecent(cursor) || (await auth0.hasLogEntry(checkpoint))
  const page = await auth0.logPage(checkpoint)
  if (page !== null) return { page, continuous }
  const oldest = await auth0.logPage(null)
  if (oldest === null) throw new Error('Auth0 rejects the request for the beginning of its log')
  return { page: oldest, continuous: false }
}

function isRecent(cursor: Cursor): boolean {
  return Date.now() - readUpToMs(cursor) < SURELY_KEPT_MS
}
