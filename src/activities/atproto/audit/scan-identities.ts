import { MAX_LIST_RESULTS, LIST_PAGE_SIZE, type Auth0UserSummary } from '../../../adapters/auth0/listing.ts'
import type { AuditSnapshot, ListedIdentity } from '../../../state/mongo/atproto/audit-snapshot.ts'
import { idDefect } from '../../../domain/identity.ts'
import { isProbe } from '../../../domain/atproto/probe.ts'
import type { ConfiguredTenant, TenantOf } from '../tenants.ts'
import { scanOutcome } from '../../audit/scope.ts'
import type { AuditRef, ScanOutcome } from '../../audit.ts'
import { withScanCursor } from '../../lib/scan-cursor.ts'
import { withoutDeleted } from '../../deletion/without-deleted.ts'
import type { Tombstones } from '../../../state/ports/tombstones.ts'

export interface IdentityScanDeps {
  readonly auditSnapshot: AuditSnapshot
  readonly tombstones: Tombstones
  readonly tenantOf: TenantOf
  readonly addressHash: (email: string) => string
}

interface IdentityCursor {
  /** The upper end of the current slice: people created up to then. */
  readonly until: string | null
  readonly page: number
  readonly seen: number
  readonly total: number
  readonly probes: number
  /** People whose id cannot be used: events about them are quarantined with the reason. */
  readonly refused: number
  readonly crowded: boolean
}

/** Lists everybody in scope, newest first, in slices of as many as Auth0 returns for one query. */
export function scanIdentities(
  deps: IdentityScanDeps,
  { auditId, scope }: AuditRef,
  tenant: ConfiguredTenant,
): Promise<ScanOutcome> {
  const inScope = scope.tenant === null || scope.tenant === tenant.name
  const beginning: IdentityCursor = {
    until: null,
    page: 0,
    seen: 0,
    total: 0,
    probes: 0,
    refused: 0,
    crowded: false,
  }
  return withScanCursor(beginning, async ({ cursor, saveCursor, waitOutRateLimits }) => {
    let { until, page, seen, total, probes, refused, crowded } = cursor
    if (scope.id !== null && deps.tenantOf(scope.id).name === tenant.name) await listOne(scope.id)
    for (;;) {
      const listed = await waitOutRateLimits(() =>
        tenant.auth0.usersPage({ until: until === null ? null : new Date(until), page }),
      )
      if (until === null && page === 0) total = listed.total
      if (!inScope || scope.id !== null) break
      const since = scope.since === null ? null : new Date(scope.since)
      const inTime = listed.users.filter(({ createdAt }) => since === null || createdAt >= since)
      const real = inTime.filter(({ userId }) => !isProbe(userId))
      probes += inTime.length - real.length
      const wanted = real.filter(({ userId }) => idDefect(userId) === null)
      refused += real.length - wanted.length
      await deps.auditSnapshot.addIdentities(
        auditId,
        await withoutDeleted(
          deps,
          wanted.map((user) => listedIdentity(deps, tenant, user)),
        ),
      )
      // A slice starts with the people of the same moment in which the previous one ended; they are counted only once.
      seen += wanted.filter(({ createdAt }) => until === null || createdAt < new Date(until)).length
      const last = listed.users.at(-1)
      const ended = listed.users.length < LIST_PAGE_SIZE || inTime.length < listed.users.length
      if (last === undefined || ended || (scope.last !== null && seen >= scope.last)) break
      page += 1
      if (page * LIST_PAGE_SIZE >= MAX_LIST_RESULTS) {
        const next = last.createdAt.toISOString()
        // A whole slice of people created at the same moment: further ones cannot be listed. Those who have records are
        // looked up by id all the same.
        if (next === until) crowded = true
        until = next === until ? new Date(last.createdAt.getTime() - 1).toISOString() : next
        page = 0
      }
      saveCursor({ until, page, seen, total, probes, refused, crowded })
    }
    const notices = crowded
      ? [
          `Auth0 tenant ${tenant.name} has more than ${MAX_LIST_RESULTS} people created at the same moment: some cannot be listed.`,
        ]
      : []
    if (refused > 0)
      notices.push(
        `Auth0 tenant ${tenant.name} has ${refused} people whose user_id cannot be stored (a NUL character, half of a surrogate pair): nothing is recorded for them. To list them: holdfast quarantine atproto list`,
      )
    return scanOutcome({ counts: { identities: total - probes }, notices })

    async function listOne(identity: string): Promise<void> {
      const { auth0, userId } = deps.tenantOf(identity)
      const person = await waitOutRateLimits(() => auth0.person(userId))
      if (person !== null)
        await deps.auditSnapshot.addIdentities(
          auditId,
          await withoutDeleted(deps, [listedIdentity(deps, tenant, { userId, ...person })]),
        )
    }
  })
}

/** A person as an audit stores them: the address as a keyed hash, so that it can be compared but not read. */
export function listedIdentity(
  { addressHash }: Pick<IdentityScanDeps, 'addressHash'>,
  { name, idPrefix }: Pick<ConfiguredTenant, 'name' | 'idPrefix'>,
  { userId, email, emailVerified, createdAt }: Auth0UserSummary,
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
