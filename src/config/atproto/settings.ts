import { readable, type Settings } from '../fingerprints.ts'
import type { Env } from '../read.ts'
import { readAtprotoSections, type AtprotoSections } from './sections.ts'

type Compared = Pick<AtprotoSections, 'pds' | 'tenants'>

/** The settings of `atproto` on which workers and commands have to agree, as far as they were read. */
export function atprotoSettings({ pds, tenants = [] }: Partial<Compared>): Settings {
  return {
    PDS_URL: pds?.url,
    PDS_ADMIN_PASSWORD: pds?.adminPassword,
    PDS_HANDLE_DOMAIN: pds?.handleDomain,
    PDS_PASSWORD_STORAGE: pds?.passwordStorage,
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
}

/** The same of an environment that may be incomplete, and whose secret files are read as far as they can be. */
export function knownAtprotoSettings(env: Env): Settings {
  return atprotoSettings(
    readable<Compared>(['pds', 'tenants'], (section) => readAtprotoSections([section], env)),
  )
}
