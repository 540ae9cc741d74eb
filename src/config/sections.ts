import { z } from 'zod'
import { systemNames, type System } from '../contracts/systems.ts'
import type { SealingKey } from '../crypto/keyring.ts'
import { DOCS_FOLDER } from '../domain/text/problem-page.ts'
import { readAlerts, type AlertConfig } from './alerts.ts'
import { readBuild } from './build.ts'
import { idKey, sealingKeys } from './keys.ts'
import { readOperatorAddress, type OperatorAddress } from './operator-address.ts'
import { readCaller, readOperator, type CallerConfig, type OperatorConfig } from './operators.ts'
import { read, type Env } from './read.ts'
import { readAll, type Readers } from './read-all.ts'
import { nameSecret, type NamedSecret } from './secrets.ts'
import { temporalConfig, type TemporalConfig } from './temporal.ts'
import {
  ackSeconds,
  docsUrl,
  days,
  minutes,
  port,
  hostedUrl,
  list,
  people,
  text,
  mongoUri,
  pageUrl,
  socketAddress,
} from './values.ts'

/** The parts of the configuration that every system shares; a system's own are in its folder. */
export interface Sections {
  readonly temporal: TemporalConfig
  readonly systems: readonly System[]
  /** `HOLDFAST_SHARED_STATE`: the system whose database keeps what belongs to no single system. */
  readonly sharedState: System
  /** `HOLDFAST_MODE`; null for the normal mode, in which Holdfast writes. */
  readonly mode: 'observe' | null
  readonly mongo: { readonly uri: string; readonly db: string }
  readonly keys: {
    readonly sealing: readonly [SealingKey, ...SealingKey[]]
    readonly id: Buffer
  }
  readonly operator: OperatorConfig
  /** `OPERATOR_PORT`; null where the server has no address for operators. */
  readonly operatorAddress: OperatorAddress | null
  /** `TEMPORAL_UI_URL`: the page that may call the codec from a browser. */
  readonly ui: { readonly url: string | null }
  readonly caller: CallerConfig
  /** `HOLDFAST_REQUIRE_OPERATOR`: a command is refused without a caller. */
  readonly requireOperator: boolean
  readonly http: { readonly port: number; readonly host: string }
  readonly signup: { readonly waitDays: number; readonly graceMinutes: number }
  /** Public URL of Holdfast's server, without a slash at its end. */
  readonly url: string
  /** The running build: `0.1.0+4f2a9c1`. */
  readonly build: string
  readonly alerts: AlertConfig
  /** The place of `problems.md`: a URL without a slash at its end, or the folder in the checkout. */
  readonly docs: { readonly url: string }
  /** `WORKER_METRICS_ADDRESS`: where a worker serves its metrics, as `host:port`; null for nowhere. */
  readonly workerMetrics: { readonly address: string | null }
  /** Days for which an unreadable event is kept after it was last seen. */
  readonly quarantine: { readonly keepDays: number }
  /** Number of people that events may delete within an hour; null for 5 % of all people, and at least 20. */
  readonly deletions: {
    readonly perHour: number | null
    /** How long after the end of a run Temporal deletes it at once; null for the default of its servers. */
    readonly ackSeconds: number | null
  }
}
export type Section = keyof Sections

/** How each section is read from the environment. */
export const READERS: Readers<Sections> = {
  temporal: temporalConfig,
  systems: readSystems,
  sharedState: (env) => {
    const systems = readSystems(env)
    const error = `must be one of HOLDFAST_SYSTEMS: ${systems.join(', ')}`
    const { HOLDFAST_SHARED_STATE } = read(env, {
      HOLDFAST_SHARED_STATE: z.enum(systems, { error }).optional(),
    })
    return HOLDFAST_SHARED_STATE ?? systems[0] ?? systemNames()[0]
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
  keys: (env) => {
    const { HOLDFAST_KEY, HOLDFAST_ID_KEY } = read(env, { HOLDFAST_KEY: sealingKeys, HOLDFAST_ID_KEY: idKey })
    return { sealing: HOLDFAST_KEY, id: HOLDFAST_ID_KEY }
  },
  operator: readOperator,
  operatorAddress: readOperatorAddress,
  ui: (env) => ({ url: read(env, { TEMPORAL_UI_URL: pageUrl.optional() }).TEMPORAL_UI_URL ?? null }),
  caller: readCaller,
  requireOperator: (env) => {
    const error = 'must be 1, or unset'
    const { HOLDFAST_REQUIRE_OPERATOR } = read(env, {
      HOLDFAST_REQUIRE_OPERATOR: z.enum(['1'], { error }).optional(),
    })
    return HOLDFAST_REQUIRE_OPERATOR === '1'
  },
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
  alerts: readAlerts,
  docs: (env) => ({
    url: read(env, { HOLDFAST_DOCS_URL: docsUrl.default(DOCS_FOLDER) }).HOLDFAST_DOCS_URL,
  }),
  workerMetrics: (env) => ({
    address: read(env, { WORKER_METRICS_ADDRESS: socketAddress.optional() }).WORKER_METRICS_ADDRESS ?? null,
  }),
  quarantine: (env) => ({
    keepDays: read(env, { HOLDFAST_QUARANTINE_DAYS: days.default(90) }).HOLDFAST_QUARANTINE_DAYS,
  }),
  deletions: (env) => {
    const found = read(env, {
      HOLDFAST_DELETIONS_PER_HOUR: people.optional(),
      HOLDFAST_TEMPORAL_ACK_SECONDS: ackSeconds.optional(),
    })
    return {
      perHour: found.HOLDFAST_DELETIONS_PER_HOUR ?? null,
      ackSeconds: found.HOLDFAST_TEMPORAL_ACK_SECONDS ?? null,
    }
  },
}

function readSystems(env: Env): System[] {
  const names = systemNames()
  return read(env, { HOLDFAST_SYSTEMS: list(names).default([names[0]]) }).HOLDFAST_SYSTEMS
}

/** The environment's variables as these sections. Throws one `ConfigError` that names all that is wrong. */
export function readSections<S extends Section>(sections: readonly S[], env: Env): Pick<Sections, S> {
  return readAll(READERS, sections, env, secretsOf)
}

/** The secrets that every system shares, as far as they were read. */
export function secretsOf({
  keys,
  operator,
  operatorAddress,
}: Partial<Pick<Sections, 'keys' | 'operator' | 'operatorAddress'>>): NamedSecret[] {
  // The codec and the operators' address have the same operators, unless one of them is off.
  const operators = operator?.operators.length ? operator.operators : (operatorAddress?.operators ?? [])
  return [
    ...(keys?.sealing.map(({ id, bytes }) => nameSecret(`HOLDFAST_KEY (${id})`, bytes)) ?? []),
    ...(keys === undefined ? [] : [nameSecret('HOLDFAST_ID_KEY', keys.id)]),
    ...operators.flatMap(({ name, tokenHash }) =>
      tokenHash === null ? [] : [{ name: `the operator token of ${name}`, hash: tokenHash.toString('hex') }],
    ),
  ]
}
