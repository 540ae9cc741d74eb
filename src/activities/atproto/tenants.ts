import type { Auth0 } from '../../adapters/auth0/auth0.ts'
import type { TenantName } from '../../config/atproto/tenants.ts'

/** The tenant an identity belongs to, and its id there. */
export interface TenantOfPerson {
  readonly name: string
  readonly userId: string
  readonly auth0: Auth0
}

/** Another tenant that may know the same person. */
export interface OtherTenant {
  readonly name: string
  readonly auth0: Auth0
  /** Identity of a user id of that tenant, as the application stores it. */
  readonly identityOf: (userId: string) => string
}

/** A tenant in the form that audits need. */
export interface ConfiguredTenant {
  readonly name: string
  readonly idPrefix: string
  readonly auth0: Auth0
}

/** Throws `tenant-unknown` for an identity that no configured tenant owns. */
export type TenantOf = (identity: string) => TenantOfPerson

/** Null for an identity that no configured tenant owns. */
export type OwnerOf = (identity: string) => ConfiguredTenant | null

/** Throws `tenant-unknown` for a name that is not configured. */
export type TenantNamed = (name: string) => TenantName & { readonly auth0: Auth0 }
