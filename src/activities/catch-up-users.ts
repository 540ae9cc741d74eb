import type { UserList } from '../adapters/auth0-search.ts'
import type { AtprotoDeps } from './atproto-deps.ts'

/** How far back the very first look goes. Who came before that is found by an audit. */
const FIRST_LOOK_MS = 7 * 24 * 3_600_000
/** Lists lag behind: who was not shown at the last look is shown at one of the next. */
const OVERLAP_MS = 15 * 60_000

export interface UsersSeen {
  readonly users: number
  readonly told: number
  /** The beginning was set back meanwhile: look again. */
  readonly again: boolean
}

/**
 * Set-based from end to end: a query of the Management API for a thousand users, one of our database for those who
 * are not complete. So ten thousand who wait for their e-mail cost nothing, and one whom no event reports is noticed.
 */
export function createUserLook(deps: AtprotoDeps, heartbeat: () => void) {
  const { tenantNamed, cursors, intake } = deps

  return async ({ tenant: name, list }: { tenant: string; list: UserList }): Promise<UsersSeen> => {
    const tenant = tenantNamed(name)
    const cursor = await cursors.load(name)
    let since = list === 'created' ? cursor.createdSince : cursor.verifiedSince
    let from = new Date(since === null ? Date.now() - FIRST_LOOK_MS : since.getTime() - OVERLAP_MS)
    let seen = 0
    let told = 0
    for (;;) {
      heartbeat()
      const began = new Date()
      const { users, more } = await tenant.auth0.usersSince(list, from)
      seen += users.length
      told += await intake.takeListed(tenant, list, users)
      const last = users.at(-1)
      const to = more && last !== undefined ? laterThan(from, last.at) : began
      if (!(await cursors.moveList(name, list, since, to))) return { users: seen, told, again: true }
      if (!more) return { users: seen, told, again: false }
      since = to
      from = to
    }
  }
}

/** Where a full list goes on; always further, so that a thousand of the same moment do not hold it there. */
function laterThan(from: Date, at: string): Date {
  return new Date(Math.max(Date.parse(at), from.getTime() + 1))
}
