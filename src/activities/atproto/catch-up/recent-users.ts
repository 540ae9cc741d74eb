import type { UserList } from '../../../adapters/auth0/search.ts'
import type { CatchUpDeps } from './log-page.ts'

/** Period that the very first scan covers. People who signed up before it are found by an audit. */
const FIRST_LOOK_MS = 7 * 24 * 3_600_000
/** Lists lag: people who were missing from one scan appear in one of the next. */
const OVERLAP_MS = 15 * 60_000

export interface UserScanResult {
  readonly users: number
  readonly notified: number
  /** The start was moved back meanwhile: scan again. */
  readonly again: boolean
}

/**
 * Finds people for whom no event came, by set-based queries: one of the Management API for a thousand users, and one of
 * the database for those whose records are incomplete. So ten thousand people who wait for their e-mail cost nothing,
 * and one whom no event reports is found.
 */
export function createUserScan({ tenantNamed, cursors, intake }: CatchUpDeps) {
  return async ({ tenant: name, list }: { tenant: string; list: UserList }): Promise<UserScanResult> => {
    const tenant = tenantNamed(name)
    const cursor = await cursors.load(name)
    let since = list === 'created' ? cursor.createdSince : cursor.verifiedSince
    let from = new Date(since === null ? Date.now() - FIRST_LOOK_MS : since.getTime() - OVERLAP_MS)
    let seen = 0
    let notified = 0
    for (;;) {
      const began = new Date()
      const { users, more } = await tenant.auth0.usersSince(list, from)
      seen += users.length
      notified += await intake.takeListed(tenant, list, users)
      const last = users.at(-1)
      const to = more && last !== undefined ? laterThan(from, last.at) : began
      if (!(await cursors.advanceList(name, list, since, to))) return { users: seen, notified, again: true }
      if (!more) return { users: seen, notified, again: false }
      since = to
      from = to
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
