import type { UserList } from '../../../adapters/auth0/search.ts'
import type { ReadSource } from '../../catch-up.ts'
import type { SourceDeps } from './log-page.ts'

/** Period that the very first scan covers. People who signed up before it are found by an audit. */
const FIRST_LOOK_MS = 7 * 24 * 3_600_000
/** Lists lag: people who were missing from one scan appear in one of the next. */
const OVERLAP_MS = 15 * 60_000

/**
 * Finds people for whom no event came, by set-based queries: one of the Management API for a thousand users, and one of
 * the database for those whose records are incomplete. So ten thousand people who wait for their e-mail cost nothing,
 * and one whom no event reports is found. A place is the time up to which the list has been scanned.
 */
export function createUserScan(
  list: UserList,
  { tenantNamed, cursors, takeListedUsers }: SourceDeps,
): ReadSource {
  return async ({ tenant: name }) => {
    const tenant = tenantNamed(name)
    let since = await cursors.place(name, list)
    let from = new Date(since === null ? Date.now() - FIRST_LOOK_MS : Date.parse(since) - OVERLAP_MS)
    let foundInLists = 0
    for (;;) {
      const began = new Date()
      const { users, more } = await tenant.auth0.usersSince(list, from)
      foundInLists += await takeListedUsers(tenant, list, users)
      const last = users.at(-1)
      const until = more && last !== undefined ? laterThan(from, last.at) : began
      const to = until.toISOString()
      // False: the start was moved back meanwhile, so the list is scanned again.
      const moved = await cursors.advance(name, list, { from: since, to })
      if (!moved || !more) return { counts: { foundInLists }, caughtUp: moved }
      since = to
      from = until
    }
  }
}

/**
 * Start of the next list after a full one; always later, so that a thousand people of the same moment do not stop the
 * scan.
 */
function laterThan(from: Date, at: string): Date {
  return new Date(Math.max(Date.parse(at), from.getTime() + 1))
}
