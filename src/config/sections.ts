import { z } from 'zod'
import { systemNames, type System } from '../contracts/systems.ts'
import type { SealingKey } from '../crypto/keyring.ts'
import { DOCS_FOLDER } from '../domain/text/problem-page.ts'
import { readBuild } from './build.ts'
import { idKey, sealingKeys } from './keys.ts'
import { readCaller, readOperator, type CallerConfig, type OperatorConfig } from './operators.ts'
import { ConfigError, read, type Env } from './read.ts'
import { sharedSecrets } from './secrets.ts'
import { temporalConfig, type TemporalConfig } from './temporal.ts'
import {
  readWebhookTenants,
  readTenantNames,
  readTenants,
  type TenantConfig,
  type TenantName,
  type WebhookTenant,
} from './atproto/tenants.ts'
import {
  alertUrl,
  docsUrl,
  days,
  minutes,
  port,
  handleDomain,
  hostedUrl,
  list,
  people,
  passedDate,
  perSecond,
  text,
  mongoUri,
  pageUrl,
} from './values.ts'

export interface Sections {
  readonly temporal: TemporalConfig
  readonly systems: readonly System[]
  /** `HOLDFAST_MODE`; null for the normal mode, in which Holdfast writes. */
  readonly mode: 'observe' | null
  readonly mongo: { readonly uri: string; readonly db: string }
  readonly tenants: readonly TenantConfig[]
  readonly tenantNames: readonly TenantName[]
  /** The tenants as the webhook knows them: without the credentials to call Auth0. */
  readonly webhookTenants: readonly WebhookTenant[]
  readonly pds: {
    readonly url: string
    readonly adminPassword: string
    readonly handleDomain: string
    readonly passwordStorage: 'plain' | 'sealed'
    /** Number of activities at the PDS that may start in a second, over all workers. */
    readonly stepsPerSecond: number
    /** `HOLDFAST_ADOPT_BEFORE`: accounts that the previous system created before this may be adopted; null for none. */
    readonly adoptBefore: Date | null
    /** URL of the directory in which a DID's rotation keys are looked up. */
    readonly plcUrl: string
  }
  /** `PDS_PASSWORD_STORAGE` alone, for a process that never logs in to the PDS; null where it is not set. */
  readonly passwordStorage: 'plain' | 'sealed' | null
  /** `PDS_URL` alone, for a process that never logs in there; null where it is not set. */
  readonly pdsUrl: string | null
  readonly keys: {
    readonly sealing: readonly [SealingKey, ...SealingKey[]]
    readonly id: Buffer
  }
  readonly operator: OperatorConfig
  /** `TEMPORAL_UI_URL`: the page that may call the codec from a browser. */
  readonly ui: { readonly url: string | null }
  readonly caller: CallerConfig
  readonly http: { readonly port: number; readonly host: string }
  readonly signup: { readonly waitDays: number; readonly graceMinutes: number }
  /** Public URL of Holdfast's server, without a slash at its end. */
  readonly url: string
  /** The running build: `0.1.0+4f2a9c1`. */
  readonly build: string
  /** URL to which alerts are sent in addition to the log; null for none. */
  readonly alerts: { readonly url: string | null }
  /** The place of `problems.md`: a URL without a slash at its end, or the folder in the checkout. */
  readonly docs: { readonly url: string }
  /** Days for which an unreadable event is kept after it was last seen. */
  readonly quarantine: { readonly keepDays: number }
  /** Number of people that events may delete within an hour; null for 5 % of all people, and at least 20. */
  readonly deletions: { readonly perHour: number | null }
}
export type Section = keyof Sections

/** More than a PDS on one machine can do, so that one without a limit of its own is not slowed down. */
const DEFAULT_STEPS_PER_SECOND = 50

const passwordStorage = z.enum(['plain', 'sealed'], {
  error:
    'must be plain (users.atproto.password is stored as the application reads it today) or sealed (it is encrypted)',
})

const READERS: { [S in Section]: (env: Env) => Sections[S] } = {
  temporal: temporalConfig,
  tenants: readTenants,
  tenantNames: readTenantNames,
  webhookTenants: readWebhookTenants,
  systems: (env) => {
    const names = systemNames()
    return read(env, { HOLDFAST_SYSTEMS: list(names).default([names[0]]) }).HOLDFAST_SYSTEMS
  },
  mode: (env) => {
    const error = 'must be observe (nothing is written), or unset'
    return read(env, { HOLDFAST_MODE: z.enum(['observe'], { error }).optional() }).HOLDFAST_MODE ?? null
  },
  mongo: (env) => {
    const { MONGODB_URI, MONGODB_DB } = read(env, {
      MONGODB_URI: mongoUri,
      MONGODB_DB: text,
    })
    return { uri: MONGODB_URI, db: MONGODB_DB }
  },
  pds: (env) => {
    const found = read(env, {
      PDS_URL: hostedUrl,
      PDS_ADMIN_PASSWORD: text,
      PDS_HANDLE_DOMAIN: handleDomain,
      PDS_PASSWORD_STORAGE: passwordStorage,
      PDS_STEPS_PER_SECOND: perSecond.default(DEFAULT_STEPS_PER_SECOND),
      HOLDFAST_ADOPT_BEFORE: passedDate.optional(),
      PDS_DID_PLC_URL: hostedUrl.default('https://plc.directory'),
    })
    return {
      url: found.PDS_URL,
      adminPassword: found.PDS_ADMIN_PASSWORD,
      handleDomain: found.PDS_HANDLE_DOMAIN,
      passwordStorage: found.PDS_PASSWORD_STORAGE,
      stepsPerSecond: found.PDS_STEPS_PER_SECOND,
      adoptBefore: found.HOLDFAST_ADOPT_BEFORE ?? null,
      plcUrl: found.PDS_DID_PLC_URL,
    }
  },
  passwordStorage: (env) =>
    read(env, { PDS_PASSWORD_STORAGE: passwordStorage.optional() }).PDS_PASSWORD_STORAGE ?? null,
  pdsUrl: (env) => read(env, { PDS_URL: hostedUrl.optional() }).PDS_URL ?? null,
  keys: (env) => {
    const { HOLDFAST_KEY, HOLDFAST_ID_KEY } = read(env, { HOLDFAST_KEY: sealingKeys, HOLDFAST_ID_KEY: idKey })
    return { sealing: HOLDFAST_KEY, id: HOLDFAST_ID_KEY }
  },
  operator: readOperator,
  ui: (env) => ({ url: read(env, { TEMPORAL_UI_URL: pageUrl.optional() }).TEMPORAL_UI_URL ?? null }),
  caller: readCaller,
  http: (env) => {
    const { HOST, PORT } = read(env, { HOST: text.default('0.0.0.0'), PORT: port.default(8787) })
    return { host: HOST, port: PORT }
  },
  signup: (env) => {
    const found = read(env, {
      HOLDFAST_WAIT_DAYS: days.default(60),
      HOLDFAST_GRACE_MINUTES: minutes.default(5),
    })
    return { waitDays: found.HOLDFAST_WAIT_DAYS, graceMinutes: found.HOLDFAST_GRACE_MINUTES }
  },
  url: (env) => read(env, { HOLDFAST_URL: hostedUrl }).HOLDFAST_URL,
  build: readBuild,
  alerts: (env) => ({
    url: read(env, { HOLDFAST_ALERT_URL: alertUrl.optional() }).HOLDFAST_ALERT_URL ?? null,
  }),
  docs: (env) => ({
    url: read(env, { HOLDFAST_DOCS_URL: docsUrl.default(DOCS_FOLDER) }).HOLDFAST_DOCS_URL,
  }),
  quarantine: (env) => ({
    keepDays: read(env, { HOLDFAST_QUARANTINE_DAYS: days.default(90) }).HOLDFAST_QUARANTINE_DAYS,
  }),
  deletions: (env) => ({
    perHour:
      read(env, { HOLDFAST_DELETIONS_PER_HOUR: people.optional() }).HOLDFAST_DELETIONS_PER_HOUR ?? null,
  }),
}

export function readSections<S extends Section>(sections: readonly S[], env: Env): Pick<Sections, S> {
  const findings: string[] = []
  const found: Partial<Sections> = {}
  for (const section of sections) {
    try {
      Object.assign(found, { [section]: READERS[section](env) })
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      findings.push(...error.findings)
    }
  }
  findings.push(...sharedSecrets(found))
  if (findings.length > 0) throw new ConfigError([...new Set(findings)])
  return found as Pick<Sections, S>
}
