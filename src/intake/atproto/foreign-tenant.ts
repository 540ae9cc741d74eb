import { tenantOfIdentity, type TenantName } from '../../config/atproto/tenants.ts'

/** The delivering tenant, and all existing tenants. */
export interface DeliveryContext {
  readonly tenant: TenantName
  readonly tenants: readonly TenantName[]
}

/**
 * The reason why an id does not belong to this tenant, as the end of a sentence; null where it belongs. With its prefix
 * before it, it would be an identity of another tenant: a signup beside the real one, which a deletion would not find.
 */
export function foreignTenantDefect(userId: string, { tenant, tenants }: DeliveryContext): string | null {
  const owner = tenantOfIdentity(tenants, tenant.idPrefix + userId)
  if (owner === undefined || owner.name === tenant.name) return null
  return `begins with the ID prefix of another tenant (${owner.name})`
}
