import type { Auth0 } from '../../adapters/auth0/auth0.ts'
import type { Auth0Admin } from '../../adapters/auth0/admin.ts'
import type { PdsReader } from '../../adapters/pds/reader.ts'
import type { Env } from '../../config.ts'
import { loadAtprotoConfig, type AtprotoSections } from '../../config/atproto/sections.ts'
import { tenantOfIdentity, type TenantConfig } from '../../config/atproto/tenants.ts'
import type { PersonContext } from '../one-person.ts'
import { ANSWER_MS } from '../query-store.ts'

const ANSWER_SECONDS = ANSWER_MS / 1_000

// The SDKs take longest to load, so MongoDB is queried meanwhile.

/** Loads the clients of Auth0 and the PDS; a module that does not load makes the queries fail that need it. */
export function loadSdks(): Promise<unknown> {
  return Promise.allSettled([import('../../adapters/auth0/auth0.ts'), import('../../adapters/pds/reader.ts')])
}

export function tenantsOf(env: Env): readonly TenantConfig[] {
  return loadAtprotoConfig(['tenants'], env).tenants
}

export function pdsOf(env: Env): AtprotoSections['pds'] {
  return loadAtprotoConfig(['pds'], env).pds
}

export async function auth0Of(
  { env }: Pick<PersonContext, 'env'>,
  identity: string,
): Promise<{ auth0: Auth0; userId: string }> {
  const tenant = tenantOfIdentity(tenantsOf(env), identity)
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

export async function pdsReaderOf({ env }: Pick<PersonContext, 'env'>): Promise<PdsReader> {
  const pds = pdsOf(env)
  const { createPdsReader } = await import('../../adapters/pds/reader.ts')
  return createPdsReader(pds, () => AbortSignal.timeout(ANSWER_MS))
}
