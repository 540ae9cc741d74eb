import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { NEEDED_SCOPES, PROBE_SCOPES } from '../../src/domain/atproto/auth0-scopes.ts'
import { startAuth0, type Auth0StandIn } from './auth0/server.ts'
import { loadOrCreateSettings } from './lib/saved-settings.ts'
import type { EmbeddedServer } from './lib/server.ts'
import { startMongo, type MongoServer } from './mongo/mongo.ts'
import { startPds, type PdsOptions, type PdsServer } from './pds/pds.ts'
import { startPlc, type PlcServer } from './pds/plc.ts'
import { startPostgres, type PostgresServer } from './postgres/postgres.ts'
import {
  randomSecret,
  startHoldfast,
  startParts,
  type Part,
  type PartTools,
  type SharedServers,
  type StackOptions,
} from './stack.ts'

export interface AtprotoStackOptions extends Omit<StackOptions, 'temporal'> {
  /** Auth0 tenants; the first has no prefix, the others have their name and a hyphen. Default: `aesthetic`. */
  readonly tenants?: readonly string[]
  /** PLC records survive the PLC process (on Postgres) even when no data is kept between starts. */
  readonly durablePlc?: boolean
  readonly pds?: Pick<PdsOptions, 'inviteRequired' | 'rateLimits'>
  readonly programs?: { readonly temporal?: string | undefined; readonly mongod?: string | undefined }
}

/** The servers of `atproto`. */
interface AtprotoPart extends Part {
  readonly mongo: MongoServer
  readonly postgres: PostgresServer | null
  readonly plc: PlcServer
  readonly pds: PdsServer
  readonly auth0: ReadonlyMap<string, Auth0StandIn>
}

export interface Servers extends SharedServers, Omit<AtprotoPart, 'env'> {}

export interface Stack extends Servers {
  readonly worker: EmbeddedServer
  readonly server: EmbeddedServer
}

/** All outside servers of `atproto`, without Holdfast. */
export async function startServers(options: AtprotoStackOptions): Promise<Servers> {
  const { parts, ...shared } = await startParts(
    { ...options, temporal: options.programs?.temporal },
    { atproto: (tools) => startAtproto(options, tools) },
  )
  return { ...parts.atproto, ...shared }
}

/** All of Holdfast on its own servers, with the log streams of Auth0 pointed at its webhook. */
export async function startStack(options: AtprotoStackOptions): Promise<Stack> {
  const servers = await startServers(options)
  const holdfast = await startHoldfast(servers, options.progress)
  for (const tenant of servers.auth0.values()) pointLogStream(tenant, servers.env)
  return { ...servers, ...holdfast }
}

async function startAtproto(
  { tenants = ['aesthetic'], programs, pds: pdsOptions, durablePlc = false }: AtprotoStackOptions,
  { progress, directory, keeps, under, track }: PartTools,
): Promise<AtprotoPart> {
  const kept = await loadOrCreateSettings(join(directory, 'atproto.json'), {
    clientSecret: randomSecret(24),
    logToken: randomSecret(24),
  })
  const network = async () => {
    const postgres =
      keeps || durablePlc ? await track(startPostgres({ ...under('postgres'), progress })) : null
    const plc = await track(
      startPlc({ progress, ...(postgres === null ? {} : { databaseUrl: postgres.url }) }),
    )
    return {
      postgres,
      plc,
      pds: await track(startPds({ ...pdsOptions, ...under('pds'), plcUrl: plc.url, progress })),
    }
  }
  const [mongo, { postgres, plc, pds }, standIns] = await Promise.all([
    track(
      startMongo({
        ...under('mongo'),
        ...(programs?.mongod === undefined ? {} : { given: programs.mongod }),
        progress,
      }),
    ).then(prepareDatabase),
    network(),
    Promise.all(
      tenants.map((tenant) => track(startTenant(tenant, kept.clientSecret, keeps ? directory : null))),
    ),
  ])
  const auth0 = new Map(standIns.map((standIn) => [standIn.tenant, standIn]))
  return { mongo, postgres, plc, pds, auth0, env: environment({ mongo, plc, pds, auth0 }, kept) }
}

interface Kept {
  readonly clientSecret: string
  readonly logToken: string
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
  { mongo, plc, pds, auth0 }: Pick<AtprotoPart, 'mongo' | 'plc' | 'pds' | 'auth0'>,
  { clientSecret, logToken }: Kept,
): Record<string, string> {
  return {
    MONGODB_URI: mongo.uri,
    MONGODB_DB: mongo.dbName,
    ...Object.fromEntries(
      [...auth0.values()].flatMap(({ tenant, url }, index) => {
        const name = (part: string): string => `AUTH0_${tenant.toUpperCase()}_${part}`
        return [
          [name('DOMAIN'), url],
          [name('CLIENT_ID'), `holdfast-${tenant}`],
          [name('CLIENT_SECRET'), clientSecret],
          [name('LOG_TOKEN'), `${tenant}-${logToken}`], // each secret is a different one
          [name('ID_PREFIX'), index === 0 ? '' : `${tenant}-`],
        ]
      }),
    ),
    PDS_URL: pds.url,
    PDS_ADMIN_PASSWORD: pds.adminPassword,
    PDS_HANDLE_DOMAIN: pds.handleDomain,
    PDS_DID_PLC_URL: plc.url,
    PDS_PASSWORD_STORAGE: 'sealed',
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
