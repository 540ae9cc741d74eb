import type { Db, MongoClient } from 'mongodb'
import { createAuth0Caller, type Auth0Caller } from '../adapters/auth0-call.ts'
import { connectMongo } from '../adapters/mongo/connect.ts'
import { connectTemporalSetup, type TemporalSetup } from '../client/temporal-setup.ts'
import { loadConfig, type Env, type Section, type Sections } from '../config.ts'
import type { TenantConfig } from '../config/tenants.ts'

/** What checks look with. Each connection is made at its first use; what is not configured throws `ConfigError` there. */
export interface CheckContext {
  readonly env: Env
  section<S extends Section>(name: S): Sections[S]
  /** The names of all tenants that the environment speaks of, whole or not; none where it speaks of none. */
  tenantNames(): string[]
  /** One tenant, whatever the others lack. */
  tenant(name: string): TenantConfig
  auth0(tenant: string): Auth0Caller
  temporal(): TemporalSetup
  mongo(): { client: MongoClient; db: Db }
  close(): Promise<void>
}

export function openCheckContext(env: Env): CheckContext {
  let temporal: TemporalSetup | null = null
  let mongo: { client: MongoClient; db: Db } | null = null
  const callers = new Map<string, Auth0Caller>()
  const section = <S extends Section>(name: S): Sections[S] => loadConfig([name], env)[name]

  const tenantNames = (): string[] =>
    Object.keys(env).some((name) => name.startsWith('AUTH0_') && env[name])
      ? section('tenantNames').map(({ name }) => name)
      : []

  const tenant = (name: string): TenantConfig => {
    const others = tenantNames().filter((other) => other !== name)
    const [found] = loadConfig(['tenants'], withoutTenants(env, others)).tenants
    if (found === undefined) throw new Error(`no tenant ${name}`)
    return found
  }

  return {
    env,
    section,
    tenantNames,
    tenant,
    auth0(name) {
      const caller = callers.get(name) ?? createAuth0Caller(tenant(name))
      callers.set(name, caller)
      return caller
    },
    temporal: () => (temporal ??= connectTemporalSetup(section('temporal'))),
    mongo: () => (mongo ??= connectMongo(section('mongo'))),
    async close() {
      await Promise.all([temporal?.close(), mongo?.client.close()])
    },
  }
}

const PARTS = ['DOMAIN', 'CLIENT_ID', 'CLIENT_SECRET', 'LOG_TOKEN', 'ID_PREFIX']

function withoutTenants(env: Env, names: readonly string[]): Env {
  const gone = new Set(names.flatMap((name) => PARTS.map((part) => `AUTH0_${name.toUpperCase()}_${part}`)))
  return Object.fromEntries(Object.entries(env).filter(([name]) => !gone.has(name)))
}
