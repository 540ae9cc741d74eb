import type { Db } from 'mongodb'
import type { Auth0 } from '../adapters/auth0.ts'
import type { Auth0Desk } from '../adapters/auth0-desk.ts'
import type { PdsLook } from '../adapters/pds-look.ts'
import type { SignupReader } from '../client/signup-reader.ts'
import type { Sections } from '../config.ts'
import { tenantOfIdentity, type TenantConfig, type TenantName } from '../config/tenants.ts'
import { ANSWER_MS } from './ask.ts'

/** What the page asks. Each is a call, so that what is not configured is one store's silence and not the page's end. */
export interface WhyOutside {
  readonly tenants: () => readonly TenantConfig[]
  /** Their names alone, which need none of their secrets. */
  readonly tenantNames: () => readonly TenantName[]
  readonly pds: () => Sections['pds']
  readonly db: () => Db
  readonly reader: () => Pick<SignupReader, 'status'>
  readonly workflowIdOf: (tenant: string, identity: string) => string
  readonly waitDays: () => number
}

const ANSWER_SECONDS = ANSWER_MS / 1_000

// The SDKs take longest to load. MongoDB and Temporal are asked meanwhile, and a page that need not ask them does without.

export async function auth0Of(
  outside: WhyOutside,
  identity: string,
): Promise<{ auth0: Auth0; userId: string }> {
  const tenant = tenantOfIdentity(outside.tenants(), identity)
  if (tenant === undefined) throw new Error('no configured tenant owns this identity')
  const { createAuth0 } = await import('../adapters/auth0.ts')
  return {
    auth0: createAuth0({ ...tenant, answerSeconds: ANSWER_SECONDS }),
    userId: identity.slice(tenant.idPrefix.length),
  }
}

export async function deskOf(tenant: TenantConfig): Promise<Auth0Desk> {
  const { createAuth0Desk } = await import('../adapters/auth0-desk.ts')
  return createAuth0Desk({ ...tenant, answerSeconds: ANSWER_SECONDS })
}

export async function pdsOf(outside: WhyOutside): Promise<PdsLook> {
  const pds = outside.pds()
  const { createPdsLook } = await import('../adapters/pds-look.ts')
  return createPdsLook(pds, () => AbortSignal.timeout(ANSWER_MS))
}
