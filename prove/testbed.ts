import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client } from '@temporalio/client'
import { MongoClient, type Db } from 'mongodb'
import { createCatchUps, type CatchUps } from '../src/client/catch-ups.ts'
import { createDeletions, type Deletions } from '../src/client/deletions.ts'
import { createPersonWorkflows, type PersonWorkflows } from '../src/client/person-workflows.ts'
import { createSignupReader, type SignupReader } from '../src/client/signup-reader.ts'
import { createSignups, type Signups } from '../src/client/signups.ts'
import { lazyTemporal } from '../src/client/temporal.ts'
import { loadConfig } from '../src/config.ts'
import {
  deleteWorkflowId,
  signupWorkflowId,
  syncHandleWorkflowId,
  type IdentityHash,
} from '../src/contracts/ids.ts'
import type { PersonRef } from '../src/contracts/systems.ts'
import { createIdHash, createKeyring, type Keyring } from '../src/crypto/keyring.ts'
import type { Auth0StandIn } from '../dev/servers/auth0/server.ts'
import { startChild, type Child } from '../dev/servers/lib/child.ts'
import { startServer } from '../dev/servers/holdfast-process.ts'
import { supervise } from '../dev/servers/lib/supervisor.ts'
import type { Progress } from '../dev/servers/lib/progress.ts'
import { embeddedServer } from '../dev/servers/lib/server.ts'
import { pointLogStream, startServers } from '../dev/servers/atproto-stack.ts'
import { startDirector, type Director } from './director.ts'
import { TENANTS, type Outage, type Tenant } from './plan.ts'
import { createOutages, type Outages } from './outages.ts'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
/** The wait before a new worker replaces one that died. */
const WORKER_PAUSE_MS = 200

/** Real servers with all of Holdfast on them, for many successive rounds. */
export interface Testbed {
  readonly env: Readonly<Record<string, string>>
  readonly tenants: Readonly<Record<Tenant, Auth0StandIn>>
  readonly temporal: Client
  readonly db: Db
  readonly signups: Signups
  readonly catchUps: CatchUps
  readonly deletions: Deletions
  readonly executions: PersonWorkflows
  /** The ids of every workflow that concerns a person. */
  workflowIds(person: PersonRef): string[]
  readonly reader: SignupReader
  readonly keyring: Keyring
  /** The keyed hash of a person, for places that may not name them. */
  readonly hash: IdentityHash
  readonly director: Director
  readonly outages: Pick<Outages, 'recover'>
  /** Starts an outage and counts it. */
  strike(what: Outage): Promise<void>
  /** A text that every e-mail address and password of this testbed contains. */
  readonly canary: string
  /** The places where no personal data may be stored in plain text. */
  readonly files: { readonly temporalDb: string; readonly logs: readonly string[] }
  /** The faults so far, by kind. */
  readonly faultCounts: ReadonlyMap<string, number>
  close(): Promise<void>
}

export async function openTestbed(options: {
  directory: string
  bundlePath: string
  progress: Progress
}): Promise<Testbed> {
  const { directory, bundlePath, progress } = options
  const dataDir = join(directory, 'servers')
  // Postgres, started by root, runs as another user, who has to be able to enter this directory.
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
    const weather = createOutages({ temporal, mongo, pds, plc, server })
    closing.push(() => weather.recover())

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
        // The proof deletes more people in an hour than the safety limit for so few people allows.
        env: { ...env, HOME: directory, HOLDFAST_DELETIONS_PER_HOUR: '1000000' },
      })
    const worker = supervise(
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
      signups: createSignups(client, 'atproto', hash),
      catchUps: createCatchUps(client, 'atproto'),
      deletions: createDeletions(client, 'atproto', hash),
      executions: createPersonWorkflows(client, 'atproto', hash),
      workflowIds: ({ tenant, identity }) =>
        [signupWorkflowId, deleteWorkflowId, syncHandleWorkflowId].map((idOf) =>
          idOf('atproto', tenant, identity, hash),
        ),
      reader: createSignupReader(client, 'atproto'),
      keyring: createKeyring(config.keys.sealing),
      hash,
      director,
      outages: weather,
      async strike(what) {
        if (await weather.strike(what)) count(what)
      },
      canary,
      files: {
        temporalDb: temporal.dbFile ?? '',
        logs: [join(directory, 'worker.log'), server.logFile, temporal.logFile],
      },
      faultCounts: struck,
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
