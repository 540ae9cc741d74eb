import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts'
import { NEEDED_SCOPES, PROBE_SCOPES } from '../domain/auth0-scopes.ts'
import { startAuth0, type Auth0StandIn } from './auth0/server.ts'
import { dataDirectory } from './data-dir.ts'
import { startServer, startWorker } from './holdfast-process.ts'
import { keptSettings } from './kept-settings.ts'
import { startMongo, type MongoServer } from './mongo.ts'
import { startPds, type PdsOptions, type PdsServer } from './pds.ts'
import { startPlc, type PlcServer } from './plc.ts'
import { freePort } from './ports.ts'
import { startPostgres, type PostgresServer } from './postgres.ts'
import type { Progress } from './progress.ts'
import type { EmbeddedServer } from './server.ts'
import { startTemporal, type TemporalServer } from './temporal.ts'

export interface StackOptions {
  readonly progress: Progress
  /** Keeps everything between starts. Absent: temporary, gone at the end. */
  readonly dataDir?: string | undefined
  /** Auth0 tenants; the first has no prefix, the others their name and a hyphen. Default `aesthetic`. */
  readonly tenants?: readonly string[]
  /** PLC records survive the PLC process (on Postgres) even where nothing is kept between starts. */
  readonly durablePlc?: boolean
  readonly pds?: Pick<PdsOptions, 'inviteRequired' | 'rateLimits'>
  readonly programs?: { readonly temporal?: string | undefined; readonly mongod?: string | undefined }
  readonly temporalNamespaces?: readonly [string, ...string[]]
}

export interface Servers {
  readonly temporal: TemporalServer
  readonly mongo: MongoServer
  readonly postgres: PostgresServer | null
  readonly plc: PlcServer
  readonly pds: PdsServer
  readonly auth0: ReadonlyMap<string, Auth0StandIn>
  /** Variables for everything of ours that is to run on these servers. */
  readonly env: Readonly<Record<string, string>>
  readonly directory: string
  stop(): Promise<void>
}

export interface Stack extends Servers {
  readonly worker: EmbeddedServer
  readonly server: EmbeddedServer
}

/** The outside world, without anything of ours: started side by side, and stopped again if one does not start. */
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
  const kept = await keptSettings(join(data.path, 'holdfast.json'), await freshSettings())
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
    ),
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
  return { ...servers, directory: data.path, env: environment(servers, kept, profile), stop }
}

/** All of Holdfast on servers of its own, the log streams of Auth0 pointed at its webhook. */
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

/** What went wrong of what was begun side by side. */
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
  /** Auth0's log stream is pointed at it. */
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

function environment(
  servers: Pick<Servers, 'temporal' | 'mongo' | 'pds' | 'auth0'>,
  kept: Kept,
  profile: string,
): Record<string, string> {
  const { temporal, mongo, pds, auth0 } = servers
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEMPORAL_CONFIG_FILE: profile, // no profile of the user's may add to these
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
          [name('LOG_TOKEN'), kept.logToken],
          [name('ID_PREFIX'), index === 0 ? '' : `${tenant}-`],
        ]
      }),
    ),
    PDS_URL: pds.url,
    PDS_ADMIN_PASSWORD: pds.adminPassword,
    PDS_HANDLE_DOMAIN: pds.handleDomain,
    PDS_PASSWORD_STORAGE: 'sealed',
    HOLDFAST_SYSTEMS: 'atproto',
    HOLDFAST_KEY: kept.sealingKey,
    HOLDFAST_ID_KEY: kept.idKey,
    HOLDFAST_OPERATOR_TOKEN: kept.operatorToken,
    HOLDFAST_CODEC: 'open', // HOST is this machine alone
    HOLDFAST_URL: `http://127.0.0.1:${kept.port}`,
    HOST: '127.0.0.1',
    PORT: String(kept.port),
  }
}

/** Auth0's own way: a custom webhook stream, made once. */
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
