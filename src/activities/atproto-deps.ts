import type { Auth0 } from '../adapters/auth0.ts'
import type { CodeIndex } from '../adapters/mongo/code-index.ts'
import type { Handles } from '../adapters/mongo/handles.ts'
import type { Intents } from '../adapters/mongo/intents.ts'
import type { Users } from '../adapters/mongo/users.ts'
import type { Verifications } from '../adapters/mongo/verifications.ts'
import type { Pds } from '../adapters/pds.ts'
import type { AuditFindings } from '../adapters/mongo/audit-findings.ts'
import type { AuditListing } from '../adapters/mongo/audit-listing.ts'
import type { Plans } from '../adapters/mongo/plans.ts'
import type { Stores } from '../adapters/mongo/stores.ts'
import type { PdsListing } from '../adapters/pds-listing.ts'
import type { RunningSignups } from '../client/running-signups.ts'
import type { SignupReader } from '../client/signup-reader.ts'
import type { Signups } from '../client/signups.ts'

/** The tenant an identity belongs to, and its id there. */
export interface TenantOfPerson {
  readonly name: string
  readonly userId: string
  readonly auth0: Auth0
}

/** A tenant as audits walk it. */
export interface ConfiguredTenant {
  readonly name: string
  readonly idPrefix: string
  readonly auth0: Auth0
}

/** What finding and repairing needs beside what a signup does. */
export interface FindAndRepairDeps {
  readonly tenants: readonly ConfiguredTenant[]
  /** Null for an identity that no configured tenant owns. */
  readonly ownerOf: (identity: string) => ConfiguredTenant | null
  readonly stores: Stores
  readonly audits: AuditListing
  readonly findings: AuditFindings
  readonly plans: Plans
  readonly pdsListing: PdsListing
  readonly running: RunningSignups
  readonly signupStatus: SignupReader['status']
  /** Who signed up, or got an account, within it is left alone. */
  readonly graceMs: number
}

export interface AtprotoDeps extends FindAndRepairDeps {
  readonly verifications: Verifications
  readonly codeIndex: CodeIndex
  readonly users: Users
  readonly handles: Handles
  readonly intents: Intents
  readonly pds: Pds
  /** The door to Temporal, for steps that set other signups going. */
  readonly signups: Signups
  /** Throws `tenant-unknown` for an identity that no configured tenant owns. */
  readonly tenantOf: (identity: string) => TenantOfPerson
  readonly handleDomain: string
  readonly waitDays: number
  /** A keyed hash: how an address stands in the ledger. */
  readonly addressHash: (email: string) => string
  readonly newPassword: () => string
  /** What `users.atproto.password` becomes: plain, or sealed for its place. */
  readonly storedPassword: (identity: string, password: string) => string
}
