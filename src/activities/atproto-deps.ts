import type { Auth0 } from '../adapters/auth0.ts'
import type { CodeIndex } from '../adapters/mongo/code-index.ts'
import type { Cursors } from '../adapters/mongo/cursors.ts'
import type { Handles } from '../adapters/mongo/handles.ts'
import type { HandleChanges } from '../adapters/mongo/handle-changes.ts'
import type { Ignored } from '../adapters/mongo/ignored.ts'
import type { Intents } from '../adapters/mongo/intents.ts'
import type { Journal } from '../adapters/mongo/journal.ts'
import type { PersonStores } from '../adapters/mongo/person-stores.ts'
import type { SeenEvents } from '../adapters/mongo/seen-events.ts'
import type { Standing } from '../adapters/mongo/standing.ts'
import type { Tombstones } from '../adapters/mongo/tombstones.ts'
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
import type { Deletions } from '../client/deletions.ts'
import type { Executions } from '../client/executions.ts'
import type { HandleSyncs } from '../client/handle-syncs.ts'
import type { RepairReports } from '../client/repair-reports.ts'
import type { Signups } from '../client/signups.ts'
import type { HealthDeps } from './health.ts'
import type { TenantName } from '../config/tenants.ts'
import type { Intake } from '../intake/intake.ts'

/** The tenant an identity belongs to, and its id there. */
export interface TenantOfPerson {
  readonly name: string
  readonly userId: string
  readonly auth0: Auth0
}

/** Another tenant that may know the same person. */
export interface SisterTenant {
  readonly name: string
  readonly auth0: Auth0
  /** How the application stores an id of that tenant. */
  readonly identityOf: (userId: string) => string
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
  readonly ignored: Ignored
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
  readonly journal: Journal
  readonly pds: Pds
  readonly tombstones: Tombstones
  readonly personStores: PersonStores
  readonly handleChanges: HandleChanges
  /** The door to Temporal, for steps that set other signups going. */
  readonly signups: Signups
  readonly handleSyncs: HandleSyncs
  readonly repairReports: RepairReports
  readonly deletions: Deletions
  readonly executions: Executions
  /** The one door for the provider's events. */
  readonly intake: Intake
  readonly cursors: Cursors
  readonly seen: SeenEvents
  readonly standing: Standing
  /** Throws `tenant-unknown` for a name that is not configured. */
  readonly tenantNamed: (name: string) => TenantName & { readonly auth0: Auth0 }
  /** Throws `tenant-unknown` for an identity that no configured tenant owns. */
  readonly tenantOf: (identity: string) => TenantOfPerson
  /** What `watch` looks at. */
  readonly health: HealthDeps
  /** The other tenants, in the order of the configuration. */
  readonly sistersOf: (identity: string) => readonly SisterTenant[]
  readonly handleDomain: string
  readonly waitDays: number
  /** A keyed hash: how an address stands in the ledger. */
  readonly addressHash: (email: string) => string
  readonly newPassword: () => string
  /** What `users.atproto.password` becomes: plain, or sealed for its place. */
  readonly storedPassword: (identity: string, password: string) => string
  /** The inverse, whichever way it was stored. */
  readonly openedPassword: (identity: string, stored: string) => string
}
