import { collectFindings } from '../findings.ts'
import { ConfigError, read, type Env } from '../read.ts'
import { strongSecrets } from '../secrets.ts'
import { domain, text } from '../values.ts'

/** One Auth0 tenant. Several may feed one database; their identities differ by prefix. */
export interface TenantConfig {
  readonly name: string
  /** A domain name, or a whole URL for the stand-in. */
  readonly domain: string
  readonly clientId: string
  readonly clientSecret: string
  /** Tokens of which Auth0 sends one with every delivery of the log stream; several while one replaces another. */
  readonly logTokens: readonly [string, ...string[]]
  /** The prefix that the application puts before this tenant's `sub`; empty for the first tenant. */
  readonly idPrefix: string
}

/** A tenant as the webhook knows it. */
export type WebhookTenant = Pick<TenantConfig, 'name' | 'idPrefix' | 'logTokens'>

/** A tenant exists as soon as one variable names it, so that one without its domain is reported. */
const VARIABLE = /^AUTH0_([A-Z][A-Z0-9_]*?)_(?:DOMAIN|CLIENT_ID|CLIENT_SECRET|LOG_TOKEN|ID_PREFIX)$/

/** The part of a tenant that distinguishes it; enough for the id of a person's workflow. */
export type TenantName = Pick<TenantConfig, 'name' | 'idPrefix'>

/** The names alone, for commands that never call Auth0 and so need none of its secrets. */
export function readTenantNames(env: Env): TenantName[] {
  return tenantKeys(env).map((key) => ({
    name: key.toLowerCase(),
    idPrefix: env[`AUTH0_${key}_ID_PREFIX`] ?? '',
  }))
}

/**
 * The tenant an identity belongs to. The longest matching prefix decides, so that a tenant without a prefix gets all
 * other identities.
 */
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
  return everyTenant(env, readTenant)
}

/** The same for the webhook, which only receives events and never calls Auth0. */
export function readWebhookTenants(env: Env): WebhookTenant[] {
  return everyTenant(env, readWebhookTenant)
}

function everyTenant<T extends TenantName>(env: Env, readOne: (env: Env, key: string) => T): T[] {
  const keys = tenantKeys(env)
  const findings = collectFindings()
  const tenants = keys.flatMap((key) => findings.collect(() => readOne(env, key)) ?? [])
  const prefixes = tenants.map(({ idPrefix }) => idPrefix)
  if (new Set(prefixes).size < prefixes.length) {
    findings.add(
      'AUTH0_<TENANT>_ID_PREFIX must differ between tenants, or their identities cannot be distinguished',
    )
  }
  findings.throwIfAny()
  return tenants
}

function tenantKeys(env: Env): string[] {
  const keys = Object.keys(env).flatMap((name) => (env[name] ? (VARIABLE.exec(name)?.[1] ?? []) : []))
  if (keys.length === 0)
    throw new ConfigError(['AUTH0_<TENANT>_DOMAIN is missing: set one for each Auth0 tenant'])
  return [...new Set(keys)]
}

function readTenant(env: Env, key: string): TenantConfig {
  const name = (part: string): string => `AUTH0_${key}_${part}`
  const found = read(env, {
    [name('DOMAIN')]: domain,
    [name('CLIENT_ID')]: text,
    [name('CLIENT_SECRET')]: text,
    [name('LOG_TOKEN')]: strongSecrets,
    [name('ID_PREFIX')]: text.optional(),
  })
  const value = (part: string): string => String(found[name(part)] ?? '')
  return {
    name: key.toLowerCase(),
    domain: value('DOMAIN'),
    clientId: value('CLIENT_ID'),
    clientSecret: value('CLIENT_SECRET'),
    logTokens: found[name('LOG_TOKEN')] as [string, ...string[]],
    idPrefix: value('ID_PREFIX'),
  }
}

function readWebhookTenant(env: Env, key: string): WebhookTenant {
  const [token, prefix] = [`AUTH0_${key}_LOG_TOKEN`, `AUTH0_${key}_ID_PREFIX`]
  const found = read(env, { [token]: strongSecrets, [prefix]: text.optional() })
  return {
    name: key.toLowerCase(),
    logTokens: found[token] as [string, ...string[]],
    idPrefix: String(found[prefix] ?? ''),
  }
}
