import type { People } from '../people.ts'
import type { Env } from '../read.ts'
import { loadAtprotoConfig } from './sections.ts'
import { tenantOfIdentity, type TenantName } from './tenants.ts'

const tenantsIn = (env: Env): readonly TenantName[] => loadAtprotoConfig(['tenantNames'], env).tenantNames

/** People of Auth0: `<prefix><sub>`, where the prefix is that of their tenant. */
export const atprotoPeople: People = {
  example: {
    identity: 'auth0|6123abc',
    tenant: 'aesthetic',
    words: ['ac25xadeh', '@somebody', 'somebody.at.example.com', 'somebody@example.com'],
    wordsAre: 'a user code (a former one too), a handle, a DID, or an e-mail address',
    problem: 'pds-unreachable',
  },
  isIdentity: (words) => words.includes('|'),
  tenants: (env) => tenantsIn(env).map(({ name }) => name),
  locate(identity, env) {
    const tenant = tenantOfIdentity(tenantsIn(env), identity)
    return tenant === undefined
      ? null
      : { tenant: tenant.name, userId: identity.slice(tenant.idPrefix.length) }
  },
}
