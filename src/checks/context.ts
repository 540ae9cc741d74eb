import type { Db, MongoClient } from 'mongodb'
import { createAuth0RawClient, type Auth0RawClient } from '../adapters/auth0/raw-client.ts'
import { connectMongo } from '../adapters/mongo/lib/connect.ts'
import { connectTemporalSetup, type TemporalSetup } from '../client/temporal-setup.ts'
import { withReadableSecretFiles, type Env } from '../config.ts'
import {
  loadAtprotoConfig as loadConfig,
  type AtprotoSection as Section,
  type AtprotoSections as Sections,
} from '../config/atproto/sections.ts'
import type { Settings } from '../config/fingerprints.ts'
import { knownAtprotoSettings } from '../config/atproto/settings.ts'
import type { System } from '../contracts/systems.ts'
import type { TenantConfig } from '../config/atproto/tenants.ts'

/** The connections of checks. Each is opened at its first use; a missing configuration throws `ConfigError` then. */
export interface CheckContext {
  readonly system: System
  /** Including the secrets in files, as far as those can be read. */
  readonly env: Env
  section<S extends Section>(name: S): Sections[S]
  /** The settings of the system's own on which workers and commands have to agree. */
  settings(): Settings
  /** The names of all tenants that the environment mentions, completely configured or not. */
  tenantNames(): string[]
  /** One tenant, even if others are incomplete. */
  tenant(name: string): TenantConfig
  auth0(tenant: string): Auth0RawClient
  temporal(): TemporalSetup
  mongo(): { client: MongoClient; db: Db }
  close(): Promise<void>
}

export function openCheckContext(system: System, given: Env): CheckContext {
  const env = withReadableSecretFiles(given)
  let temporal: TemporalSetup | null = null
  let mongo: { client: MongoClient; db: Db } | null = null
  const callers = new Map<string, Auth0RawClient>()
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
    system,
    env,
    section,
    settings: () => knownAtprotoSettings(env),
    tenantNames,
    tenant,
    auth0(name) {
      const caller = callers.get(name) ?? createAuth0RawClient(tenant(name))
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
