import pMap from 'p-map'
import { createAuth0 } from '../../adapters/auth0/auth0.ts'
import { tenantOfIdentity, type TenantConfig } from '../../config/atproto/tenants.ts'
import type { PersonRow } from '../../contracts/audit.ts'

/** Calls to Auth0 in flight at once; its rate limit is shared with all other processes. */
const AT_ONCE = 4

/**
 * The addresses that Auth0 has for the people of an audit's rows, read by id. A person whom it does not know, or who
 * belongs to no configured tenant, has none. Fails as `createAuth0` does.
 */
export async function withEmails(
  rows: readonly PersonRow[],
  tenants: readonly TenantConfig[],
): Promise<PersonRow[]> {
  const clients = new Map(tenants.map((tenant) => [tenant.name, createAuth0(tenant)]))
  return pMap(
    rows,
    async (row) => {
      const tenant = tenantOfIdentity(tenants, row.identity)
      const person =
        tenant === undefined
          ? null
          : await clients.get(tenant.name)?.person(row.identity.slice(tenant.idPrefix.length))
      return { ...row, email: person?.email ?? null }
    },
    { concurrency: AT_ONCE },
  )
}
