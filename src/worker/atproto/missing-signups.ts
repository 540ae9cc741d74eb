import type { Auth0UserSummary } from '../../adapters/auth0/listing.ts'
import type { Auth0 } from '../../adapters/auth0/auth0.ts'
import type { ApplicationRecords } from '../../adapters/mongo/application-records.ts'
import type { TenantConfig } from '../../config/atproto/tenants.ts'
import type { AlertFinding } from '../../contracts/alerts.ts'
import { AUDIT_INTERVAL_MS } from '../../client/planned-schedules.ts'
import { deletionTime } from '../../domain/deletion-time.ts'
import type { Tombstones } from '../../state/ports/tombstones.ts'

/** Period that one inspection covers: the last audit covers everybody before. */
const WINDOW_MS = AUDIT_INTERVAL_MS
/** Time that the webhook, or catch-up, may take. */
const GRACE_MS = 5 * 60_000
/** Pages of a hundred users: Auth0 returns no more for one query. */
const MOST_PAGES = 10
/** Most missing people who are looked up by id before they are reported, since the list lags. */
const LOOKED_UP = 10

interface MissingSignupsDeps {
  readonly tenant: Pick<TenantConfig, 'name' | 'idPrefix'>
  readonly auth0: Pick<Auth0, 'usersPage' | 'person'>
  readonly stores: Pick<ApplicationRecords, 'load'>
  readonly tombstones: Pick<Tombstones, 'findAll'>
  readonly ignored: () => Promise<ReadonlySet<string>>
}

/**
 * The alert for people of one tenant who signed up since about the last audit and have no record yet: no event was sent, or none
 * was accepted. It costs a few pages of Auth0's list and one query for each store, however many people signed up.
 */
export async function missingSignups({
  tenant,
  auth0,
  stores,
  tombstones,
  ignored,
}: MissingSignupsDeps): Promise<AlertFinding[]> {
  const now = Date.now()
  const recent = (await signedUpSince(auth0, new Date(now - WINDOW_MS))).filter(
    ({ createdAt }) => createdAt.getTime() <= now - GRACE_MS,
  )
  if (recent.length === 0) return []
  const known = await stores.load(recent.map(({ userId }) => tenant.idPrefix + userId))
  const leftOut = await ignored()
  const deleted = await tombstones.findAll(recent.map(({ userId }) => tenant.idPrefix + userId))
  const missing = recent.filter(({ userId, createdAt }) => {
    const identity = tenant.idPrefix + userId
    const found = known.get(identity)
    return (
      !leftOut.has(identity) &&
      deletionTime(deleted.get(identity), createdAt) === null &&
      (found === undefined || (found.verifications === null && found.user === null))
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

/** Users created since then. They are read newest first, so that reading ends where the period begins. */
async function signedUpSince(auth0: MissingSignupsDeps['auth0'], since: Date): Promise<Auth0UserSummary[]> {
  const found: Auth0UserSummary[] = []
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { users } = await auth0.usersPage({ until: null, page })
    const within = users.filter(({ createdAt }) => createdAt >= since)
    found.push(...within)
    if (within.length < users.length || users.length === 0) break
  }
  return found
}
