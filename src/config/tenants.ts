import { ConfigError, read, type Env } from './read.ts'
import { text } from './values.ts'

/** One Auth0 tenant. Several may feed one database; their identities differ by prefix. */
export interface TenantConfig {
  readonly name: string
  /** A domain name, or a whole URL for the stand-in. */
  readonly domain: string
  readonly clientId: string
  readonly clientSecret: string
  /** What Auth0 sends with every delivery of the log stream. */
  readonly logToken: string
  /** What the application puts before this tenant's `sub`; empty for the first tenant. */
  readonly idPrefix: string
}

/** A tenant is there as soon as one variable names it, so that one without its domain is complained of. */
const VARIABLE = /^AUTH0_([A-Z][A-Z0-9_]*?)_(?:DOMAIN|CLIENT_ID|CLIENT_SECRET|LOG_TOKEN|ID_PREFIX)$/

/** What a tenant is told apart by; enough to name a person's workflow. */
export type TenantName = Pick<TenantConfig, 'name' | 'idPrefix'>

/** The names alone, for commands that never call Auth0 and so need none of its secrets. */
export function readTenantNames(env: Env): TenantName[] {
  return tenantKeys(env).map((key) => ({
    name: key.toLowerCase(),
    idPrefix: env[`AUTH0_${key}_ID_PREFIX`] ?? '',
  }))
}

/** The tenant an identity belongs to. The longest prefix that fits decides, so that a tenant without one takes the rest. */
export function tenantOfIdentity<T extends TenantName>(
  tenants: readonly T[],
  identity: string,
): T | undefined {
  return tenants
    .filter(({ idPrefix }) => identity.startsWith(idPrefix))
    .toSorted((a, b) => b.idPrefix.length - a.idPrefix.length)[0]
}

/** Every tenant that the environment names. */
export function readTenants(env: Env): TenantConfig[] {
  const keys = tenantKeys(env)
  const findings: string[] = []
  const tenants = keys.flatMap((key) => {
    try {
      return [readTenant(env, key)]
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      findings.push(...error.findings)
      return []
    }
  })
  const prefixes = tenants.map(({ idPrefix }) => idPrefix)
  if (new Set(prefixes).size < prefixes.length) {
    findings.push(
      'AUTH0_<TENANT>_ID_PREFIX must differ between tenants, or their identities cannot be told apart',
    )
  }
  if (findings.length > 0) throw new ConfigError(findings)
  return tenants
}

function tenantKeys(env: Env): string[] {
  const keys = Object.keys(env).flatMap((name) => (env[name] ? (VARIABLE.exec(name)?.[1] ?? []) : []))
  if (keys.length === 0)
    throw new ConfigError(['AUTH0_<TENANT>_DOMAIN is missing: one for each Auth0 tenant'])
  return [...new Set(keys)]
}

function readTenant(env: Env, key: string): TenantConfig {
  const name = (part: string): string => `AUTH0_${key}_${part}`
  const found = read(env, {
    [name('DOMAIN')]: text,
    [name('CLIENT_ID')]: text,
    [name('CLIENT_SECRET')]: text,
    [name('LOG_TOKEN')]: text,
    [name('ID_PREFIX')]: text.optional(),
  })
  const value = (part: string): string => found[name(part)] ?? ''
  return {
    name: key.toLowerCase(),
    domain: value('DOMAIN'),
    clientId: value('CLIENT_ID'),
    clientSecret: value('CLIENT_SECRET'),
    logToken: value('LOG_TOKEN'),
    idPrefix: value('ID_PREFIX'),
  }
}
