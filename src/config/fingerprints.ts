import { createIdHash } from '../crypto/keyring.ts'
import { ConfigError, type Env } from './read.ts'
import { readSections, type Sections } from './sections.ts'

/** The sections whose values workers and commands have to agree on. */
export const SHARED_SECTIONS = ['mongo', 'pds', 'tenants', 'keys'] as const
type Compared = Partial<Pick<Sections, (typeof SHARED_SECTIONS)[number]>>

const LENGTH = 16

/**
 * Settings by the variable they come from, as keyed hashes: equal where the values are, and without revealing them.
 * Sections that are not given are left out. `hash` is the one of `HOLDFAST_ID_KEY`.
 */
export function settingsFingerprints(
  { mongo, pds, tenants = [], keys }: Compared,
  hash: (value: string) => string,
): Record<string, string> {
  const values: Record<string, string | undefined> = {
    MONGODB_URI: mongo?.uri,
    MONGODB_DB: mongo?.db,
    PDS_URL: pds?.url,
    PDS_ADMIN_PASSWORD: pds?.adminPassword,
    PDS_HANDLE_DOMAIN: pds?.handleDomain,
    PDS_PASSWORD_STORAGE: pds?.passwordStorage,
    HOLDFAST_KEY: keys?.sealing.map(({ id, bytes }) => `${id}:${bytes.toString('base64')}`).join(),
    HOLDFAST_ID_KEY: keys === undefined ? undefined : 'the key that hashes',
    ...Object.fromEntries(
      tenants.flatMap(({ name, domain, clientId, clientSecret, idPrefix }) =>
        Object.entries({
          DOMAIN: domain,
          CLIENT_ID: clientId,
          CLIENT_SECRET: clientSecret,
          ID_PREFIX: idPrefix,
        }).map(([part, value]) => [`AUTH0_${name.toUpperCase()}_${part}`, value]),
      ),
    ),
  }
  return Object.fromEntries(
    Object.entries(values).flatMap(([variable, value]) =>
      value === undefined ? [] : [[variable, hash(`setting ${variable} ${value}`).slice(0, LENGTH)]],
    ),
  )
}

/** The settings of an environment that may be incomplete; empty where its `HOLDFAST_ID_KEY` is missing. */
export function knownSettings(env: Env): Record<string, string> {
  const found: Compared = {}
  for (const section of SHARED_SECTIONS) {
    try {
      Object.assign(found, readSections([section], env))
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error // `check` names what is missing
    }
  }
  return found.keys === undefined ? {} : settingsFingerprints(found, createIdHash(found.keys.id))
}
