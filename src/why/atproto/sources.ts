import type { Db } from 'mongodb'
import type { Auth0 } from '../../adapters/auth0/auth0.ts'
import type { Auth0Admin } from '../../adapters/auth0/admin.ts'
import type { PdsReader } from '../../adapters/pds/reader.ts'
import type { SignupReader } from '../../client/signup-reader.ts'
import type { System } from '../../contracts/systems.ts'
import type { AtprotoSections } from '../../config/atproto/sections.ts'
import { tenantOfIdentity, type TenantConfig, type TenantName } from '../../config/atproto/tenants.ts'
import { ANSWER_MS } from '../query-store.ts'

/**
 * The sources of the report. Each is a function, so that a missing configuration only affects one store's answer and
 * not the report.
 */
export interface WhySources {
  readonly system: System
  readonly tenants: () => readonly TenantConfig[]
  /** Only their names, which need none of their secrets. */
  readonly tenantNames: () => readonly TenantName[]
  readonly pds: () => AtprotoSections['pds']
  readonly db: () => Db
  readonly reader: () => Pick<SignupReader, 'status'>
  readonly workflowIdOf: (tenant: string, identity: string) => string
  readonly waitDays: () => number
  /** The keyed hash by which tombstones and held deletions name people. */
  readonly hash: (identity: string) => string
}

const ANSWER_SECONDS = ANSWER_MS / 1_000

// The SDKs take longest to load, so MongoDB is queried meanwhile.

/** Loads the clients of Auth0 and the PDS; a module that does not load makes the queries fail that need it. */
export function loadSdks(): Promise<unknown> {
  return Promise.allSettled([import('../../adapters/auth0/auth0.ts'), import('../../adapters/pds/reader.ts')])
}

export async function auth0Of(
  outside: WhySources,
  identity: string,
): Promise<{ auth0: Auth0; userId: string }> {
  const tenant = tenantOfIdentity(outside.tenants(), identity)
  if (tenant === undefined) throw new Error('no configured tenant owns this identity')
  const { createAuth0 } = await import('../../adapters/auth0/auth0.ts')
  return {
    auth0: createAuth0({ ...tenant, answerSeconds: ANSWER_SECONDS }),
    userId: identity.slice(tenant.idPrefix.length),
  }
}

export async function auth0AdminOf(tenant: TenantConfig): Promise<Auth0Admin> {
  const { createAuth0Admin } = await import('../../adapters/auth0/admin.ts')
  return createAuth0Admin({ ...tenant, answerSeconds: ANSWER_SECONDS })
}

export async function pdsReaderOf(outside: WhySources): Promise<PdsReader> {
  const pds = outside.pds()
  const { createPdsReader } = await import('../../adapters/pds/reader.ts')
  return createPdsReader(pds, () => AbortSignal.timeout(ANSWER_MS))
}
