import type { ProviderPeople } from '../../deletion/answers.ts'
import type { TenantOf } from '../tenants.ts'

export function auth0People(tenantOf: TenantOf): ProviderPeople {
  return {
    locate(identity) {
      const { name, userId } = tenantOf(identity)
      return { tenant: name, identity, userId }
    },
    async createdAt({ identity }) {
      const { auth0, userId } = tenantOf(identity)
      return (await auth0.person(userId))?.createdAt ?? null
    },
  }
}
