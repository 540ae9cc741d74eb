import type { LogPage } from '../adapters/auth0-log.ts'
import { readUntil, type Cursor } from '../adapters/mongo/cursors.ts'
import type { AtprotoDeps } from './atproto-deps.ts'

/** A reader away for less than this has missed nothing, however short the retention: the least is a day. */
const SURELY_KEPT_MS = 3_600_000

/** One page of the log, as it was taken. */
export interface LogRead {
  readonly events: number
  readonly told: number
  readonly duplicates: number
  readonly ignored: number
  readonly quarantined: number
  /** The date of the newest event read so far, ISO 8601. */
  readonly readUpTo: string | null
  /** Whether that was the end of the log. */
  readonly caughtUp: boolean
  readonly gap: { readonly from: string; readonly to: string } | null
}

export function createLogReader({ tenantNamed, cursors, intake }: AtprotoDeps) {
  return async ({ tenant: name, first }: { tenant: string; first: boolean }): Promise<LogRead> => {
    const tenant = tenantNamed(name)
    const cursor = await cursors.load(name)
    const { page, continuous } = await readOn(tenant.auth0, cursor, first)
    const {
      accepted: _,
      oldest,
      newest,
      ...taken
    } = await intake.take(
      tenant,
      page.logs.map((value) => ({ value })),
      'bulk',
    )
    if (!continuous) await noteGap(cursor, oldest)
    // Only now is all of it durable. Whoever reads the same page beside us moves the cursor once.
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

    /** Between the last event we read and the oldest that is kept, others may have come and gone. */
    async function noteGap(before: Cursor, oldestKept: string | null): Promise<void> {
      const from = new Date(readUntil(before))
      const to = oldestKept === null ? new Date() : new Date(oldestKept)
      if (to > from) await cursors.recordGap(name, { from, to })
    }
  }
}

/** The page after the cursor; from the oldest that is kept where Auth0 no longer knows the place. */
async function readOn(
  auth0: ReturnType<AtprotoDeps['tenantNamed']>['auth0'],
  cursor: Cursor,
  first: boolean,
): Promise<{ page: LogPage; continuous: boolean }> {
  const { checkpoint } = cursor
  const continuous = checkpoint === null || !first || isRecent(cursor) || (await auth0.keepsLog(checkpoint))
  const page = await auth0.logPage(checkpoint)
  if (page !== null) return { page, continuous }
  const oldest = await auth0.logPage(null)
  if (oldest === null) throw new Error('Auth0 takes no request for the beginning of its log')
  return { page: oldest, continuous: false }
}

function isRecent(cursor: Cursor): boolean {
  return Date.now() - readUntil(cursor) < SURELY_KEPT_MS
}
