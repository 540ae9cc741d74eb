import type { Auth0 } from '../adapters/auth0.ts'
import type { CodeIndex } from '../adapters/mongo/code-index.ts'
import type { Cursors } from '../adapters/mongo/cursors.ts'
import type { Handles } from '../adapters/mongo/handles.ts'
import type { Intents } from '../adapters/mongo/intents.ts'
import type { SeenEvents } from '../adapters/mongo/seen-events.ts'
import type { Standing } from '../adapters/mongo/standing.ts'
import type { Users } from '../adapters/mongo/users.ts'
import type { Verifications } from '../adapters/mongo/verifications.ts'
import type { Pds } from '../adapters/pds.ts'
import type { Signups } from '../client/signups.ts'
import type { TenantName } from '../config/tenants.ts'
import type { Intake } from '../intake/intake.ts'

/** The tenant an identity belongs to, and its id there. */
export interface TenantOfPerson {
  readonly name: string
  readonly userId: string
  readonly auth0: Auth0
}

export interface AtprotoDeps {
  readonly verifications: Verifications
  readonly codeIndex: CodeIndex
  readonly users: Users
  readonly handles: Handles
  readonly intents: Intents
  readonly pds: Pds
  /** The door to Temporal, for steps that set other signups going. */
  readonly signups: Signups
  /** The one door for the provider's events. */
  readonly intake: Intake
  readonly cursors: Cursors
  readonly seen: SeenEvents
  readonly standing: Standing
  /** Throws `tenant-unknown` for a name that is not configured. */
  readonly tenantNamed: (name: string) => TenantName & { readonly auth0: Auth0 }
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
