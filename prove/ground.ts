import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client } from '@temporalio/client'
import { MongoClient, type Db } from 'mongodb'
import { createCatchUps, type CatchUps } from '../src/client/catch-ups.ts'
import { createDeletions, type Deletions } from '../src/client/deletions.ts'
import { createExecutions, type Executions } from '../src/client/executions.ts'
import { createSignupReader, type SignupReader } from '../src/client/signup-reader.ts'
import { createSignups, type Signups } from '../src/client/signups.ts'
import { lazyTemporal } from '../src/client/temporal.ts'
import { loadConfig } from '../src/config.ts'
import { deleteWorkflowId, signupWorkflowId, syncHandleWorkflowId } from '../src/contracts/ids.ts'
import type { PersonRef } from '../src/contracts/systems.ts'
import { createIdHash, createKeyring, type Keyring } from '../src/crypto/keyring.ts'
import type { Auth0StandIn } from '../src/embedded/auth0/server.ts'
import { startChild, type Child } from '../src/embedded/child.ts'
import { startServer } from '../src/embedded/holdfast-process.ts'
import { keepRunning } from '../src/embedded/keeper.ts'
import type { Progress } from '../src/embedded/progress.ts'
import { embeddedServer } from '../src/embedded/server.ts'
import { pointLogStream, startServers } from '../src/embedded/stack.ts'
import { startDirector, type Director } from './director.ts'
import { TENANTS, type Outage, type Tenant } from './plan.ts'
import { createWeather, type Weather } from './weather.ts'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
/** Before another worker takes the place of one that died. */
const WORKER_PAUSE_MS = 200

/** Real servers with all of Holdfast on them, for many rounds one after another. */
export interface Ground {
  readonly env: Readonly<Record<string, string>>
  readonly tenants: Readonly<Record<Tenant, Auth0StandIn>>
  readonly temporal: Client
  readonly db: Db
  readonly signups: Signups
  readonly catchUps: CatchUps
  readonly deletions: Deletions
  readonly executions: Executions
  /** Of every workflow that carries a person. */
  workflowIds(person: PersonRef): string[]
  readonly reader: SignupReader
  readonly keyring: Keyring
  readonly director: Director
  readonly weather: Pick<Weather, 'clear'>
  /** Lets it happen, and counts it. */
  outage(what: Outage): Promise<void>
  /** Every e-mail address and password of this ground holds it. */
  readonly canary: string
  /** Where nothing of a person may stand in clear. */
  readonly files: { readonly temporalDb: string; readonly logs: readonly string[] }
  /** What happened so far, by kind. */
  readonly struck: ReadonlyMap<string, number>
  close(): Promise<void>
}

export async function openGround(options: {
  directory: string
  bundlePath: string
  progress: Progress
}): Promise<Ground> {
  const { directory, bundlePath, progress } = options
  const dataDir = join(directory, 'servers')
  // Postgres, started by root, runs as somebody else, who has to pass through.
  await mkdir(dataDir, { recursive: true, mode: 0o711 })
  const servers = await startServers({
    progress,
    dataDir,
    tenants: TENANTS,
    durablePlc: true,
  })
  const closing: (() => Promise<unknown>)[] = [() => servers.stop()]
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).toReversed()) await end()
  }
  try {
    const { env, temporal, mongo, pds, plc, auth0 } = servers
    const config = loadConfig(['temporal', 'mongo', 'keys'], env)
    const hash = createIdHash(config.keys.id)
    const client = lazyTemporal(config)
    closing.push(() => client.connection.close())
    const mongoClient = new MongoClient(config.mongo.uri)
    closing.push(() => mongoClient.close())
    const server = await startServer({ env, logDir: directory, progress })
    closing.push(() => server.stop())
    for (const tenant of auth0.values()) pointLogStream(tenant, env)
    const weather = createWeather({ temporal, mongo, pds, plc, server })
    closing.push(() => weather.clear())

    const struck = new Map<string, number>()
    const count = (what: string): void => void struck.set(what, (struck.get(what) ?? 0) + 1)
    const director = await startDirector({ outage: (what) => weather.strike(what), struck: count })
    closing.push(() => director.close())
    const canary = `canary${randomBytes(5).toString('hex')}`
    const start = (): Child =>
      startChild({
        name: 'worker',
        command: process.execPath,
        args: [WORKER, director.url, bundlePath, canary],
        logFile: join(directory, 'worker.log'),
        env: { ...env, HOME: directory },
      })
    const worker = keepRunning(
      embeddedServer({ first: start(), start: async () => start(), cleanUp: async () => {} }),
      {
        restarts: Number.POSITIVE_INFINITY,
        pauseMs: WORKER_PAUSE_MS,
        onEnd({ how }) {
          director.workerDied()
          if (how !== 'SIGKILL') count(`worker ended by itself: ${how}`)
        },
      },
    )
    closing.push(() => worker.stop())

    return {
      env,
      tenants: { aesthetic: known(auth0, 'aesthetic'), sotce: known(auth0, 'sotce') },
      temporal: client,
      db: mongoClient.db(config.mongo.db),
      signups: createSignups(client, hash),
      catchUps: createCatchUps(client),
      deletions: createDeletions(client, hash),
      executions: createExecutions(client, hash),
      workflowIds: ({ tenant, identity }) =>
        [signupWorkflowId, deleteWorkflowId, syncHandleWorkflowId].map((idOf) =>
          idOf('atproto', tenant, identity, hash),
        ),
      reader: createSignupReader(client),
      keyring: createKeyring(config.keys.sealing),
      director,
      weather,
      async outage(what) {
        if (await weather.strike(what)) count(what)
      },
      canary,
      files: {
        temporalDb: temporal.dbFile ?? '',
        logs: [join(directory, 'worker.log'), server.logFile, temporal.logFile],
      },
      struck,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function known(auth0: ReadonlyMap<string, Auth0StandIn>, name: Tenant): Auth0StandIn {
  const tenant = auth0.get(name)
  if (tenant === undefined) throw new Error(`no tenant ${name}`)
  return tenant
}
