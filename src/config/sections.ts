import { z } from 'zod'
import { SYSTEMS, type System } from '../contracts/systems.ts'
import type { SealingKey } from '../crypto/keyring.ts'
import { ConfigError, read, type Env } from './read.ts'
import { temporalConfig, type TemporalConfig } from './temporal.ts'
import { readTenantNames, readTenants, type TenantConfig, type TenantName } from './tenants.ts'
import {
  days,
  port,
  hostedUrl,
  idKey,
  list,
  operatorToken,
  perSecond,
  sealingKeys,
  text,
  mongoUri,
} from './values.ts'

export interface Sections {
  readonly temporal: TemporalConfig
  readonly systems: readonly System[]
  /** `HOLDFAST_MODE`; null for the usual one, in which it writes. */
  readonly mode: 'observe' | null
  readonly mongo: { readonly uri: string; readonly db: string }
  readonly tenants: readonly TenantConfig[]
  readonly tenantNames: readonly TenantName[]
  readonly pds: {
    readonly url: string
    readonly adminPassword: string
    readonly handleDomain: string
    readonly passwordStorage: 'plain' | 'sealed'
    /** How many steps at the PDS may begin in a second, over all workers. */
    readonly stepsPerSecond: number
  }
  readonly keys: {
    readonly sealing: readonly [SealingKey, ...SealingKey[]]
    readonly id: Buffer
  }
  readonly operator: {
    /** The bearer token of whoever operates Holdfast. */
    readonly token: string
    /** Who may use the codec endpoint: whoever has the token, or everybody on this machine. */
    readonly codec: 'token' | 'open'
  }
  readonly http: { readonly port: number; readonly host: string }
  readonly signup: { readonly waitDays: number }
  /** Where the world reaches our own server, without a slash at its end. */
  readonly url: string
  /** How long what could not be read is kept after it was last seen. */
  readonly quarantine: { readonly keepDays: number }
}
export type Section = keyof Sections

/** More than a PDS on one machine makes, so that one without a limit of its own is not held back. */
const DEFAULT_STEPS_PER_SECOND = 50

const READERS: { [S in Section]: (env: Env) => Sections[S] } = {
  temporal: temporalConfig,
  tenants: readTenants,
  tenantNames: readTenantNames,
  systems: (env) => read(env, { HOLDFAST_SYSTEMS: list(SYSTEMS).default(['atproto']) }).HOLDFAST_SYSTEMS,
  mode: (env) => {
    const error = 'must be observe (nothing is written), or not be set'
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
      PDS_HANDLE_DOMAIN: text,
      PDS_PASSWORD_STORAGE: z.enum(['plain', 'sealed'], {
        error:
          'must say how users.atproto.password is stored: plain (as the application reads it today) or sealed',
      }),
      PDS_STEPS_PER_SECOND: perSecond.default(DEFAULT_STEPS_PER_SECOND),
    })
    return {
      url: found.PDS_URL,
      adminPassword: found.PDS_ADMIN_PASSWORD,
      handleDomain: found.PDS_HANDLE_DOMAIN,
      passwordStorage: found.PDS_PASSWORD_STORAGE,
      stepsPerSecond: found.PDS_STEPS_PER_SECOND,
    }
  },
  keys: (env) => {
    const { HOLDFAST_KEY, HOLDFAST_ID_KEY } = read(env, { HOLDFAST_KEY: sealingKeys, HOLDFAST_ID_KEY: idKey })
    return { sealing: HOLDFAST_KEY, id: HOLDFAST_ID_KEY }
  },
  operator: readOperator,
  http: (env) => {
    const { HOST, PORT } = read(env, { HOST: text.default('0.0.0.0'), PORT: port.default(8787) })
    return { host: HOST, port: PORT }
  },
  signup: (env) => ({ waitDays: read(env, { HOLDFAST_WAIT_DAYS: days.default(60) }).HOLDFAST_WAIT_DAYS }),
  url: (env) => read(env, { HOLDFAST_URL: hostedUrl }).HOLDFAST_URL,
  quarantine: (env) => ({
    keepDays: read(env, { HOLDFAST_QUARANTINE_DAYS: days.default(90) }).HOLDFAST_QUARANTINE_DAYS,
  }),
}

/** Open only where nobody else can reach it. */
function readOperator(env: Env): Sections['operator'] {
  const { HOLDFAST_OPERATOR_TOKEN, HOLDFAST_CODEC, HOST } = read(env, {
    HOLDFAST_OPERATOR_TOKEN: operatorToken,
    HOLDFAST_CODEC: z
      .enum(['token', 'open'], { error: 'must be token, or open where HOST is 127.0.0.1' })
      .default('token'),
    HOST: text.default('0.0.0.0'),
  })
  if (HOLDFAST_CODEC === 'open' && !LOOPBACK.includes(HOST)) {
    throw new ConfigError([
      'HOLDFAST_CODEC must not be open where HOST is not 127.0.0.1: it shows what is sealed to whoever asks',
    ])
  }
  return { token: HOLDFAST_OPERATOR_TOKEN, codec: HOLDFAST_CODEC }
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

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
  if (findings.length > 0) throw new ConfigError([...new Set(findings)])
  return found as Pick<Sections, S>
}
