import { randomBytes } from 'node:crypto'
import { Client, Connection } from '@temporalio/client'
import { DefaultLogger, Runtime } from '@temporalio/worker'
import { MongoClient, type Db } from 'mongodb'
import { createSignupReader, type SignupReader } from '../../src/client/signup-reader.ts'
import { createSignups, type Signups } from '../../src/client/signups.ts'
import { loadAtprotoConfig } from '../../src/config/atproto/sections.ts'
import { tenantOfIdentity } from '../../src/config/atproto/tenants.ts'
import { createIdHash, createKeyring, type Keyring } from '../../src/crypto/keyring.ts'
import { startAuth0, type Auth0StandIn } from '../../dev/servers/auth0/server.ts'
import { TEMPORAL_ACK } from '../../dev/servers/temporal/temporal.ts'
import { createDataConverter } from '../../src/payloads/data-converter.ts'
import { ATPROTO_SECTIONS } from '../../src/worker/atproto/deps.ts'
import { connectWorkerDeps, runAtprotoWorkers, type WorkerDeps } from './atproto-worker.ts'
import type { RunningWorkers } from '../../src/worker/run.ts'
import { handleDomainIn, type SharedServers } from './start-servers.ts'

export interface World {
  /** Variables that name this file's servers, and no others. */
  readonly env: Record<string, string>
  /** The first tenant, `aesthetic`. */
  readonly auth0: Auth0StandIn
  /** Every tenant by its name. */
  readonly tenants: ReadonlyMap<string, Auth0StandIn>
  readonly temporal: Client
  readonly db: Db
  readonly signups: Signups
  readonly reader: SignupReader
  readonly keyring: Keyring
  /**
   * A worker in this process, stopped at the end of the file; `change` replaces parts of its outside world, `env` some
   * of the world's variables.
   */
  startWorker(
    change?: (deps: WorkerDeps) => WorkerDeps,
    env?: Readonly<Record<string, string>>,
  ): Promise<RunningWorkers & { stop(): Promise<void> }>
  /** Only the worker's outside world, for tests of one part of it; closed at the end of the file. */
  connectDeps(): WorkerDeps
  idOf(identity: string): string
}

/** Servers and options that a file may use instead of the shared ones. */
export interface WorldOptions {
  readonly pdsUrl?: string
  readonly pdsAdminPassword?: string
  readonly mongoUri?: string
  readonly temporalAddress?: string
  readonly namespace?: string
  /** Tenants beside `aesthetic`; the ids of each begin with its name and a hyphen, as in `sotce-auth0|…`. */
  readonly otherTenants?: readonly string[]
  /** The clock of the data that Auth0 stores; default: the real one. */
  readonly auth0Now?: () => Date
  /** The scopes of our application at Auth0; default: those that Holdfast needs, and no others. */
  readonly auth0Scopes?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Creates a Temporal namespace, a database and an Auth0 tenant of its own on running servers. The caller closes it. */
export async function createWorld(
  shared: SharedServers,
  options: WorldOptions = {},
): Promise<World & { close(): Promise<void> }> {
  const mongoUri = options.mongoUri ?? shared.mongoUri
  const mongo = new MongoClient(mongoUri)
  const dbName = options.env?.['MONGODB_DB'] ?? `world_${randomBytes(6).toString('hex')}`
  const namespace = options.namespace ?? (await claimNamespace(shared.mongoUri, shared.namespaces))
  const start = (tenant: string) => startTenant(tenant, options)
  const auth0 = await start('aesthetic')
  const others = await Promise.all((options.otherTenants ?? []).map(start))
  const tenants = new Map([auth0, ...others].map((standIn) => [standIn.tenant, standIn]))
  const env: Record<string, string> = {
    TEMPORAL_ADDRESS: options.temporalAddress ?? shared.temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    ...TEMPORAL_ACK,
    MONGODB_URI: mongoUri,
    MONGODB_DB: dbName,
    ...tenantEnv(auth0, ''),
    ...Object.assign({}, ...others.map((other) => tenantEnv(other, `${other.tenant}-`))),
    PDS_URL: options.pdsUrl ?? shared.pdsUrl,
    PDS_ADMIN_PASSWORD: options.pdsAdminPassword ?? shared.pdsAdminPassword,
    PDS_HANDLE_DOMAIN:
      options.pdsUrl === undefined && options.namespace === undefined
        ? handleDomainIn(namespace)
        : shared.pdsHandleDomain,
    PDS_DID_PLC_URL: shared.plcUrl,
    PDS_PASSWORD_STORAGE: 'sealed',
    HOLDFAST_KEY: `test:${randomBytes(32).toString('base64')}`,
    HOLDFAST_ID_KEY: randomBytes(32).toString('base64'),
    HOLDFAST_OPERATOR_TOKEN: randomBytes(24).toString('base64'),
    ...options.env,
  }
  const config = loadAtprotoConfig([...ATPROTO_SECTIONS, 'mongo'], env)
  const connection = await Connection.connect(config.temporal.connection)
  const temporal = new Client({
    connection,
    namespace,
    dataConverter: createDataConverter(config.keys.sealing),
  })
  const signups = createSignups(temporal, 'atproto', createIdHash(config.keys.id))
  const running = new Set<{ stop(): Promise<void> }>()
  const db = mongo.db(dbName)

  return {
    env,
    auth0,
    tenants,
    temporal,
    db,
    signups,
    reader: createSignupReader(temporal, 'atproto'),
    keyring: createKeyring(config.keys.sealing),
    idOf: (identity) => {
      const tenant = tenantOfIdentity(config.tenants, identity)?.name ?? '-'
      return signups.workflowIdOf({ tenant, identity })
    },
    async startWorker(change = (deps) => deps, replaced = {}) {
      const workerConfig = loadAtprotoConfig([...ATPROTO_SECTIONS, 'mongo'], { ...env, ...replaced })
      const { deps, close } = connectWorkerDeps(workerConfig)
      const workers = await runAtprotoWorkers({
        config: workerConfig,
        deps: change(deps),
        graceTime: '1s',
        bundle: { codePath: shared.bundlePath },
      })
      let stopping: Promise<void> | null = null
      const handle = {
        ...workers,
        stop: () =>
          (stopping ??= (async () => {
            workers.shutdown()
            await workers.finished
            await close()
          })()),
      }
      running.add(handle)
      return handle
    },
    connectDeps() {
      const { deps, close } = connectWorkerDeps(config)
      running.add({ stop: close })
      return deps
    },
    async close() {
      for (const workers of running) await workers.stop()
      for (const tenant of tenants.values()) await tenant.stop()
      await db.dropDatabase()
      await mongo.close()
      await connection.close()
    },
  }
}

async function startTenant(
  tenant: string,
  { auth0Now: now, auth0Scopes: scopes }: WorldOptions,
): Promise<Auth0StandIn> {
  const given = { ...(now === undefined ? {} : { now }), ...(scopes === undefined ? {} : { scopes }) }
  return stoppedOnce(await startAuth0({ tenant, clientId: 'client', clientSecret: 'secret', ...given }))
}

function tenantEnv({ tenant, url }: Auth0StandIn, idPrefix: string): Record<string, string> {
  const name = (part: string): string => `AUTH0_${tenant.toUpperCase()}_${part}`
  return {
    [name('DOMAIN')]: url,
    [name('CLIENT_ID')]: 'client',
    [name('CLIENT_SECRET')]: 'secret',
    [name('LOG_TOKEN')]: randomBytes(18).toString('base64url'),
    [name('ID_PREFIX')]: idPrefix,
  }
}

/** A test may have stopped the stand-in already, since an outage is one of its cases. */
function stoppedOnce(auth0: Auth0StandIn): Auth0StandIn {
  let stopping: Promise<void> | null = null
  return { ...auth0, stop: () => (stopping ??= auth0.stop()) }
}

/** Installed once a process: logs only what a reader of the test should see. */
Runtime.install({ logger: new DefaultLogger('ERROR') })

/** A namespace that no other file of this run has used, so that no worker meets another file's workflows. */
async function claimNamespace(uri: string, namespaces: readonly string[]): Promise<string> {
  const mongo = new MongoClient(uri)
  try {
    const claimed = await mongo
      .db('holdfast_tests')
      .collection<{ _id: string; next: number }>('namespaces')
      .findOneAndUpdate({ _id: 'next' }, { $inc: { next: 1 } }, { upsert: true, returnDocument: 'after' })
    const namespace = namespaces[(claimed?.next ?? 0) - 1]
    if (namespace === undefined)
      throw new Error(`more than ${namespaces.length} worlds: raise NAMESPACES in start-servers.ts`)
    return namespace
  } finally {
    await mongo.close()
  }
}
