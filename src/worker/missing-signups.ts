import type { Auth0, Auth0Listed } from '../adapters/auth0.ts'
import type { Stores } from '../adapters/mongo/stores.ts'
import type { TenantConfig } from '../config/tenants.ts'
import type { AlertFinding } from '../contracts/alerts.ts'

/** How far back a look goes; the hourly audit has everybody before. */
const WINDOW_MS = 60 * 60_000
/** The webhook, or catch-up, may take so long. */
const GRACE_MS = 5 * 60_000
/** Pages of a hundred: Auth0 shows no more of one query. */
const MOST_PAGES = 10
/** The list lags: who is missing is looked up by id before that is said, so many of them at most. */
const LOOKED_UP = 10

interface Lookout {
  readonly tenant: Pick<TenantConfig, 'name' | 'idPrefix'>
  readonly auth0: Pick<Auth0, 'usersPage' | 'person'>
  readonly stores: Pick<Stores, 'people'>
  readonly ignored: () => Promise<ReadonlySet<string>>
}

/**
 * People of one tenant who signed up in the last hour and of whom no record was begun: nobody told us, or nobody
 * listened. A few pages of Auth0's list and one query a store, however many signed up.
 */
export async function missingSignups({ tenant, auth0, stores, ignored }: Lookout): Promise<AlertFinding[]> {
  const now = Date.now()
  const recent = (await signedUpSince(auth0, new Date(now - WINDOW_MS))).filter(
    ({ createdAt }) => createdAt.getTime() <= now - GRACE_MS,
  )
  if (recent.length === 0) return []
  const known = await stores.people(recent.map(({ userId }) => tenant.idPrefix + userId))
  const leftOut = await ignored()
  const missing = recent.filter(({ userId }) => {
    const identity = tenant.idPrefix + userId
    const found = known.get(identity)
    return (
      !leftOut.has(identity) && (found === undefined || (found.verifications === null && found.user === null))
    )
  })
  const gone = new Set<string>()
  for (const { userId } of missing.slice(0, LOOKED_UP))
    if ((await auth0.person(userId)) === null) gone.add(userId)
  const there = missing.filter(({ userId }) => !gone.has(userId))
  if (there.length === 0) return []
  const since = new Date(Math.min(...there.map(({ createdAt }) => createdAt.getTime()))).toISOString()
  return [{ name: 'signups-missing', about: tenant.name, count: there.length, since }]
}

/** Newest first, so that the look ends where the window begins. */
async function signedUpSince(auth0: Lookout['auth0'], since: Date): Promise<Auth0Listed[]> {
  const found: Auth0Listed[] = []
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { users } = await auth0.usersPage({ until: null, page })
    const within = users.filter(({ createdAt }) => createdAt >= since)
    found.push(...within)
    if (within.length < users.length || users.length === 0) break
  }
  return found
}
