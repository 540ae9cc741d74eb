import { z } from 'zod'
import { shellEnv } from '../../config.ts'
import { withSecretFiles } from '../secret-files.ts'
import { read, type Env } from '../read.ts'
import { readAll, type Readers } from '../read-all.ts'
import { nameSecret, type NamedSecret } from '../secrets.ts'
import { READERS, secretsOf, type Sections } from '../sections.ts'
import { handleDomain, hostedUrl, passedDate, perSecond, text } from '../values.ts'
import {
  readTenantNames,
  readTenants,
  readWebhookTenants,
  type TenantConfig,
  type TenantName,
  type WebhookTenant,
} from './tenants.ts'

/** The configuration of `atproto`: its own sections, and those that every system shares. */
export interface AtprotoSections extends Sections {
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
}
export type AtprotoSection = keyof AtprotoSections

/** More than a PDS on one machine can do, so that one without a limit of its own is not slowed down. */
const DEFAULT_STEPS_PER_SECOND = 50

const passwordStorage = z.enum(['plain', 'sealed'], {
  error:
    'must be plain (users.atproto.password is stored as the application reads it today) or sealed (it is encrypted)',
})

const ATPROTO_READERS: Readers<AtprotoSections> = {
  ...READERS,
  tenants: readTenants,
  tenantNames: readTenantNames,
  webhookTenants: readWebhookTenants,
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
}

/** As `readSections`, with the sections of `atproto`: of an environment whose secret files are read. */
export function readAtprotoSections<S extends AtprotoSection>(
  sections: readonly S[],
  env: Env,
): Pick<AtprotoSections, S> {
  return readAll(ATPROTO_READERS, sections, env, atprotoSecretsOf)
}

/** As `loadConfig`, with the sections of `atproto`. */
export function loadAtprotoConfig<S extends AtprotoSection>(
  sections: readonly S[],
  env: Env = shellEnv(),
): Pick<AtprotoSections, S> {
  return readAtprotoSections(sections, withSecretFiles(env))
}

function atprotoSecretsOf({
  tenants,
  webhookTenants,
  pds,
  ...shared
}: Partial<AtprotoSections>): NamedSecret[] {
  return [
    ...(tenants ?? webhookTenants ?? []).flatMap(({ name, logTokens }) =>
      logTokens.map((token) => nameSecret(`AUTH0_${name.toUpperCase()}_LOG_TOKEN`, token)),
    ),
    ...(pds === undefined ? [] : [nameSecret('PDS_ADMIN_PASSWORD', pds.adminPassword)]),
    ...secretsOf(shared),
  ]
}
