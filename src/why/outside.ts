import type { Db } from 'mongodb'
import { createAuth0, type Auth0 } from '../adapters/auth0.ts'
import { createAuth0Desk, type Auth0Desk } from '../adapters/auth0-desk.ts'
import { createPdsLook, type PdsLook } from '../adapters/pds-look.ts'
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
  readonly reader: () => SignupReader
  readonly workflowIdOf: (tenant: string, identity: string) => string
  readonly waitDays: () => number
}

const ANSWER_SECONDS = ANSWER_MS / 1_000

export function auth0Of(outside: WhyOutside, identity: string): { auth0: Auth0; userId: string } {
  const tenant = tenantOfIdentity(outside.tenants(), identity)
  if (tenant === undefined) throw new Error('no configured tenant owns this identity')
  return {
    auth0: createAuth0({ ...tenant, answerSeconds: ANSWER_SECONDS }),
    userId: identity.slice(tenant.idPrefix.length),
  }
}

export function deskOf(tenant: TenantConfig): Auth0Desk {
  return createAuth0Desk({ ...tenant, answerSeconds: ANSWER_SECONDS })
}

export function pdsOf(outside: WhyOutside): PdsLook {
  return createPdsLook(outside.pds(), () => AbortSignal.timeout(ANSWER_MS))
}
