import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { NEEDED_SCOPES, PROBE_SCOPES } from '../../src/domain/atproto/auth0-scopes.ts'
import { startAuth0, type Auth0StandIn } from './auth0/server.ts'
import { dataDirectory } from './lib/data-dir.ts'
import { startServer, startWorker } from './holdfast-process.ts'
import { loadOrCreateSettings } from './lib/saved-settings.ts'
import { startMongo, type MongoServer } from './mongo/mongo.ts'
import { startPds, type PdsOptions, type PdsServer } from './pds/pds.ts'
import { startPlc, type PlcServer } from './pds/plc.ts'
import { freePort } from './lib/ports.ts'
import { startPostgres, type PostgresServer } from './postgres/postgres.ts'
import type { Progress } from './lib/progress.ts'
import type { EmbeddedServer } from './lib/server.ts'
import { startTemporal, type TemporalServer } from './temporal/temporal.ts'

export interface StackOptions {
  readonly progress: Progress
  /** Keeps all data between starts. Absent: temporary, removed at the end. */
  readonly dataDir?: string | undefined
  /** Auth0 tenants; the first has no prefix, the others have their name and a hyphen. Default: `aesthetic`. */
  readonly tenants?: readonly string[]
  /** PLC records survive the PLC process (on Postgres) even when no data is kept between starts. */
  readonly durablePlc?: boolean
  readonly pds?: Pick<PdsOptions, 'inviteRequired' | 'rateLimits'>
  readonly programs?: { readonly temporal?: string | undefined; readonly mongod?: string | undefined }
  readonly temporalNamespaces?: readonly [string, ...string[]]
  /** Variables for Holdfast besides those of the servers. */
  readonly env?: Readonly<Record<string, string>>
}

export interface Servers {
  readonly temporal: TemporalServer
  readonly mongo: MongoServer
  readonly postgres: PostgresServer | null
  readonly plc: PlcServer
  readonly pds: PdsServer
  readonly auth0: ReadonlyMap<string, Auth0StandIn>
  /** The variables for every process of Holdfast on these servers. */
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
  stop(): Promise<void>
}

export interface Stack extends Servers {
  readonly worker: EmbeddedServer
  readonly server: EmbeddedServer
}

/** All outside servers, without Holdfast: started in parallel, and stopped again if one does not start. */
export async function startServers(options: StackOptions): Promise<Servers> {
  const { progress, dataDir, tenants = ['aesthetic'], programs } = options
  const data = await dataDirectory(dataDir, 'stack')
  const under = (name: string) => (dataDir === undefined ? {} : { dataDir: join(data.path, name) })
  const running: (() => Promise<void>)[] = []
  const track = async <T extends { stop(): Promise<void> }>(start: Promise<T>): Promise<T> => {
    const server = await start
    running.push(() => server.stop())
    return server
  }
  const stop = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((end) => end()))
    await data.remove()
  }

  const atproto = async () => {
    const durable = dataDir !== undefined || options.durablePlc === true
    const postgres = durable ? await track(startPostgres({ ...under('postgres'), progress })) : null
    const plc = await track(
      startPlc({ progress, ...(postgres === null ? {} : { databaseUrl: postgres.url }) }),
    )
    return {
      postgres,
      plc,
      pds: await track(startPds({ ...options.pds, ...under('pds'), plcUrl: plc.url, progress })),
    }
  }
  const kept = await loadOrCreateSettings(join(data.path, 'holdfast.json'), await freshSettings())
  const started = await Promise.allSettled([
    track(
      startTemporal({
        ...under('temporal'),
        ...(programs?.temporal === undefined ? {} : { given: programs.temporal }),
        ...(options.temporalNamespaces === undefined ? {} : { namespaces: options.temporalNamespaces }),
        searchAttributes: SEARCH_ATTRIBUTES,
        codecEndpoint: `http://127.0.0.1:${kept.port}/codec`,
        progress,
      }),
    ),
    track(
      startMongo({
        ...under('mongo'),
        ...(programs?.mongod === undefined ? {} : { given: programs.mongod }),
        progress,
      }),
    ).then(prepareDatabase),
    atproto(),
    Promise.all(
      tenants.map((tenant) =>
        track(startTenant(tenant, kept.clientSecret, dataDir === undefined ? null : data.path)),
      ),
    ),
  ])
  const [temporal, mongo, identity, auth0] = started
  if (
    temporal.status === 'rejected' ||
    mongo.status === 'rejected' ||
    identity.status === 'rejected' ||
    auth0.status === 'rejected'
  ) {
    await stop()
    throw failureOf(started)
  }
  const servers = {
    temporal: temporal.value,
    mongo: mongo.value,
    ...identity.value,
    auth0: new Map(auth0.value.map((standIn) => [standIn.tenant, standIn])),
  }
  const profile = join(data.path, 'temporal.toml')
  await writeFile(profile, `[profile.default]\naddress = "${servers.temporal.address}"\n`)
  return {
    ...servers,
    directory: data.path,
    env: { ...environment(servers, kept, profile), ...options.env },
    stop,
  }
}

/** All of Holdfast on its own servers, with the log streams of Auth0 pointed at its webhook. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const servers = await startServers(options)
  const { env, directory: logDir, auth0 } = servers
  const started = await Promise.allSettled([
    startWorker({ env, logDir, progress: options.progress }),
    startServer({ env, logDir, progress: options.progress }),
  ])
  const stop = async (): Promise<void> => {
    const ended = await Promise.allSettled(
      started.flatMap((one) => (one.status === 'fulfilled' ? [one.value.stop()] : [])),
    )
    await servers.stop()
    if (ended.some(({ status }) => status === 'rejected')) throw failureOf(ended)
  }
  const [worker, server] = started
  if (worker.status === 'rejected' || server.status === 'rejected') {
    throw failureOf([...started, ...(await Promise.allSettled([stop()]))])
  }
  for (const tenant of auth0.values()) pointLogStream(tenant, env)
  return { ...servers, worker: worker.value, server: server.value, stop }
}

/** The errors of what was started in parallel. */
function failureOf(results: readonly PromiseSettledResult<unknown>[]): unknown {
  const reasons = results.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
  return reasons.length === 1 ? reasons[0] : new AggregateError(reasons, reasons.map(String).join('\n'))
}

interface Kept {
  readonly clientSecret: string
  readonly logToken: string
  readonly sealingKey: string
  readonly idKey: string
  readonly operatorToken: string
  /** The port to which Auth0's log stream delivers. */
  readonly port: number
}

async function freshSettings(): Promise<Kept> {
  const secret = (bytes: number): string => randomBytes(bytes).toString('base64')
  return {
    clientSecret: secret(24),
    logToken: secret(24),
    sealingKey: `dev:${secret(32)}`,
    idKey: secret(32),
    operatorToken: secret(24),
    port: await freePort(),
  }
}

async function startTenant(
  tenant: string,
  clientSecret: string,
  directory: string | null,
): Promise<Auth0StandIn> {
  if (directory !== null) await mkdir(directory, { recursive: true })
  return startAuth0({
    tenant,
    clientId: `holdfast-${tenant}`,
    clientSecret,
    scopes: [...NEEDED_SCOPES.keys(), ...PROBE_SCOPES.keys()], // so that `check --probe` can be tried
    ...(directory === null ? {} : { dataFile: join(directory, `auth0-${tenant}.ndjson`) }),
  })
}

/** As deploy/mongo/role.js does: Holdfast itself may not create this index. */
async function prepareDatabase(mongo: MongoServer): Promise<MongoServer> {
  const client = new MongoClient(mongo.uri)
  try {
    const actions = client.db(mongo.dbName).collection('holdfast_actions')
    await actions.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })
    return mongo
  } finally {
    await client.close()
  }
}

function environment(
  servers: Pick<Servers, 'temporal' | 'mongo' | 'plc' | 'pds' | 'auth0'>,
  kept: Kept,
  profile: string,
): Record<string, string> {
  const { temporal, mongo, plc, pds, auth0 } = servers
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEMPORAL_CONFIG_FILE: profile, // else a profile of the user could add to these
    TEMPORAL_UI_URL: temporal.uiUrl,
    MONGODB_URI: mongo.uri,
    MONGODB_DB: mongo.dbName,
    ...Object.fromEntries(
      [...auth0.values()].flatMap(({ tenant, url }, index) => {
        const name = (part: string): string => `AUTH0_${tenant.toUpperCase()}_${part}`
        return [
          [name('DOMAIN'), url],
          [name('CLIENT_ID'), `holdfast-${tenant}`],
          [name('CLIENT_SECRET'), kept.clientSecret],
          [name('LOG_TOKEN'), `${tenant}-${kept.logToken}`], // each secret is a different one
          [name('ID_PREFIX'), index === 0 ? '' : `${tenant}-`],
        ]
      }),
    ),
    PDS_URL: pds.url,
    PDS_ADMIN_PASSWORD: pds.adminPassword,
    PDS_HANDLE_DOMAIN: pds.handleDomain,
    PDS_DID_PLC_URL: plc.url,
    PDS_PASSWORD_STORAGE: 'sealed',
    HOLDFAST_SYSTEMS: 'atproto',
    HOLDFAST_KEY: kept.sealingKey,
    HOLDFAST_ID_KEY: kept.idKey,
    HOLDFAST_OPERATOR_TOKEN: kept.operatorToken,
    HOLDFAST_CODEC: 'open', // HOST is this machine only
    HOLDFAST_URL: `http://127.0.0.1:${kept.port}`,
    HOST: '127.0.0.1',
    PORT: String(kept.port),
  }
}

/** A custom webhook stream, created once, as at Auth0. */
export function pointLogStream(tenant: Auth0StandIn, env: Readonly<Record<string, string>>): void {
  if (tenant.streams().length > 0) return
  tenant.createStream({
    name: 'holdfast',
    type: 'http',
    sink: {
      httpEndpoint: `${env['HOLDFAST_URL']}/webhooks/auth0/${tenant.tenant}`,
      httpAuthorization: env[`AUTH0_${tenant.tenant.toUpperCase()}_LOG_TOKEN`] ?? '',
      httpContentType: 'application/json',
      httpContentFormat: 'JSONLINES',
    },
  })
}
