import { createAuth0RawClient, type Auth0RawClient } from '../../adapters/auth0/raw-client.ts'
import type { Env } from '../../config.ts'
import {
  loadAtprotoConfig,
  type AtprotoSection,
  type AtprotoSections,
} from '../../config/atproto/sections.ts'
import type { TenantConfig } from '../../config/atproto/tenants.ts'
import { mongoOf, type MongoConnection } from '../../state/open.ts'
import type { CheckContext } from '../context.ts'

/** The connections of the checks of this system. */
export interface AtprotoCheckContext extends Omit<CheckContext, 'section'> {
  section<S extends AtprotoSection>(name: S): AtprotoSections[S]
  /** The names of all tenants that the environment mentions, completely configured or not. */
  tenantNames(): string[]
  /** One tenant, even if others are incomplete. */
  tenant(name: string): TenantConfig
  auth0(tenant: string): Auth0RawClient
  /** The database of the application's records and of Holdfast's state. */
  mongo(): Promise<MongoConnection>
}

export function atprotoContext(context: CheckContext): AtprotoCheckContext {
  const { env } = context
  const callers = new Map<string, Auth0RawClient>()
  const section = <S extends AtprotoSection>(name: S): AtprotoSections[S] =>
    loadAtprotoConfig([name], env)[name]

  const tenantNames = (): string[] =>
    Object.keys(env).some((name) => name.startsWith('AUTH0_') && env[name])
      ? section('tenantNames').map(({ name }) => name)
      : []

  const tenant = (name: string): TenantConfig => {
    const others = tenantNames().filter((other) => other !== name)
    const [found] = loadAtprotoConfig(['tenants'], withoutTenants(env, others)).tenants
    if (found === undefined) throw new Error(`no tenant ${name}`)
    return found
  }

  return {
    ...context,
    section,
    tenantNames,
    tenant,
    mongo: async () => mongoOf(await context.state()),
    auth0(name) {
      const caller = callers.get(name) ?? createAuth0RawClient(tenant(name))
      callers.set(name, caller)
      return caller
    },
  }
}

/** A file that cannot be read is still named by its variable. */
const PARTS = [
  'DOMAIN',
  'CLIENT_ID',
  'CLIENT_SECRET',
  'CLIENT_SECRET_FILE',
  'LOG_TOKEN',
  'LOG_TOKEN_FILE',
  'ID_PREFIX',
]

function withoutTenants(env: Env, names: readonly string[]): Env {
  const gone = new Set(names.flatMap((name) => PARTS.map((part) => `AUTH0_${name.toUpperCase()}_${part}`)))
  return Object.fromEntries(Object.entries(env).filter(([name]) => !gone.has(name)))
}
