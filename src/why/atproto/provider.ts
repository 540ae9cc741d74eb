import pMap from 'p-map'
import { createAuth0 } from '../../adapters/auth0/auth0.ts'
import { tenantOfIdentity } from '../../config/atproto/tenants.ts'
import type { PersonRow } from '../../contracts/audit.ts'
import type { PersonContext } from '../one-person.ts'
import { tenantsOf } from './sources.ts'

/** The person at Auth0; null where it knows nobody under this identity, or no configured tenant owns it. */
export async function atProvider(
  identity: string,
  { env }: Pick<PersonContext, 'env'>,
): Promise<{ createdAt: Date } | null> {
  const tenant = tenantOfIdentity(tenantsOf(env), identity)
  return tenant === undefined ? null : createAuth0(tenant).person(identity.slice(tenant.idPrefix.length))
}

/** Calls to Auth0 in flight at once; its rate limit is shared with all other processes. */
const AT_ONCE = 4

/**
 * The addresses that Auth0 has for the people of an audit's rows, read by id. A person whom it does not know, or who
 * belongs to no configured tenant, has none. Fails as `createAuth0` does.
 */
export async function withEmails(
  rows: readonly PersonRow[],
  { env }: Pick<PersonContext, 'env'>,
): Promise<PersonRow[]> {
  const tenants = tenantsOf(env)
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
