import { LIST_CAP, LIST_PAGE, type Auth0Listed } from '../adapters/auth0-listing.ts'
import type { ListedIdentity } from '../adapters/mongo/audit-listing.ts'
import { isProbe } from '../domain/probe.ts'
import type { AtprotoDeps, ConfiguredTenant } from './atproto-deps.ts'
import { outcome } from './atproto-scope.ts'
import type { AuditRef, ScanOutcome } from './find-and-repair.ts'
import { scanning } from './lib/scan-cursor.ts'

interface IdentityCursor {
  /** The slice at hand: people created up to then. */
  readonly until: string | null
  readonly page: number
  readonly seen: number
  readonly total: number
  readonly probes: number
  readonly crowded: boolean
}

/** Newest first, in slices of what Auth0 gives for one query, until everybody in scope is listed. */
export function scanIdentities(
  deps: AtprotoDeps,
  { auditId, scope }: AuditRef,
  tenant: ConfiguredTenant,
): Promise<ScanOutcome> {
  const inScope = scope.tenant === null || scope.tenant === tenant.name
  const beginning: IdentityCursor = { until: null, page: 0, seen: 0, total: 0, probes: 0, crowded: false }
  return scanning(beginning, async ({ cursor, reached, patiently }) => {
    let { until, page, seen, total, probes, crowded } = cursor
    if (scope.id !== null && deps.tenantOf(scope.id).name === tenant.name) await listOne(scope.id)
    for (;;) {
      const listed = await patiently(() =>
        tenant.auth0.usersPage({ until: until === null ? null : new Date(until), page }),
      )
      if (until === null && page === 0) total = listed.total
      if (!inScope || scope.id !== null) break
      const since = scope.since === null ? null : new Date(scope.since)
      const inTime = listed.users.filter(({ createdAt }) => since === null || createdAt >= since)
      const wanted = inTime.filter(({ userId }) => !isProbe(userId))
      probes += inTime.length - wanted.length
      await deps.audits.addIdentities(
        auditId,
        wanted.map((user) => listedIdentity(deps, tenant, user)),
      )
      // A slice begins with those of the moment the one before ended with: nobody is counted twice.
      seen += wanted.filter(({ createdAt }) => until === null || createdAt < new Date(until)).length
      const last = listed.users.at(-1)
      const ended = listed.users.length < LIST_PAGE || inTime.length < listed.users.length
      if (last === undefined || ended || (scope.last !== null && seen >= scope.last)) break
      page += 1
      if (page * LIST_PAGE >= LIST_CAP) {
        const next = last.createdAt.toISOString()
        // A whole slice of one moment: what is beyond cannot be listed. Who has records is looked up by id all the same.
        if (next === until) crowded = true
        until = next === until ? new Date(last.createdAt.getTime() - 1).toISOString() : next
        page = 0
      }
      reached({ until, page, seen, total, probes, crowded })
    }
    const notices = crowded
      ? [`Auth0 tenant ${tenant.name} has more than ${LIST_CAP} people of one moment: some cannot be listed.`]
      : []
    return outcome({ counts: { identities: total - probes }, notices })

    async function listOne(identity: string): Promise<void> {
      const { auth0, userId } = deps.tenantOf(identity)
      const person = await patiently(() => auth0.person(userId))
      if (person !== null)
        await deps.audits.addIdentities(auditId, [listedIdentity(deps, tenant, { userId, ...person })])
    }
  })
}

/** A person as an audit keeps them: the address as a keyed hash, so that it can be compared and not read. */
export function listedIdentity(
  { addressHash }: Pick<AtprotoDeps, 'addressHash'>,
  { name, idPrefix }: Pick<ConfiguredTenant, 'name' | 'idPrefix'>,
  { userId, email, emailVerified, createdAt }: Auth0Listed,
): ListedIdentity {
  const address = email?.toLowerCase() ?? null
  const alias = address === null || idPrefix === '' ? null : address.replace('@', `+${name}@`)
  return {
    identity: `${idPrefix}${userId}`,
    createdAt,
    verified: emailVerified,
    address: address === null ? null : addressHash(address),
    alias: alias === null ? null : addressHash(alias),
  }
}
