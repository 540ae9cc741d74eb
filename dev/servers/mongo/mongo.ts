import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from '../lib/child.ts'
import { dataDirectory } from '../lib/data-dir.ts'
import { toFlags } from '../lib/flags.ts'
import { mongodBinary } from './binary.ts'
import { becomePrimary, REPLICA_SET, stepDown } from './replica-set.ts'
import type { Login } from './replica-set.ts'
import { onFreePorts } from '../lib/ports.ts'
import { findProgram } from '../lib/program.ts'
import type { ProgramOptions } from '../lib/program.ts'
import { asStep } from '../lib/progress.ts'
import { waitUntilReady } from '../lib/ready.ts'
import { embeddedServer, startOrCleanUp } from '../lib/server.ts'
import type { EmbeddedServer } from '../lib/server.ts'

export interface MongoServer extends EmbeddedServer {
  /** Names the replica set and the database; with `auth`, also the administrator's name and password. */
  readonly uri: string
  readonly dbName: string
  /** The same address for another user. */
  uriFor(user: string, password: string, authDb?: string): string
  /**
   * Makes the primary step down, though no other member can take over. It becomes primary again by itself after
   * `seconds`.
   */
  stepDown(seconds?: number): Promise<void>
}

export interface MongoOptions extends ProgramOptions {
  /** Keeps all data in this directory. Absent: a temporary one. */
  readonly dataDir?: string
  readonly dbName?: string
  /** Turns access control on, with this administrator. Absent: every client may do everything. */
  readonly auth?: Login
  /** Lets tests use the server's own faults and delays (`configureFailPoint`). Default: off. */
  readonly failPoints?: boolean
  readonly port?: number
}

/**
 * MongoDB as a replica set of one node. Ready means a primary that accepts writes. Throws `NoSourceError`
 * when there is no `mongod`, `StartError` when it does not start.
 */
export async function startMongo(options: MongoOptions): Promise<MongoServer> {
  const { auth, dbName = 'holdfast', failPoints = false, progress } = options
  const mongod = await findProgram(mongodBinary, options)
  return asStep(progress, 'starting MongoDB', async () => {
    const data = await dataDirectory(options.dataDir, 'mongo')
    const dbPath = join(data.path, 'db')
    const keyFile = join(data.path, 'keyfile')
    await mkdir(dbPath, { recursive: true })
    if (auth) await keepKeyFile(keyFile)
    const begin = (port: number) => async () => {
      const child = startChild({
        name: 'MongoDB',
        command: mongod,
        args: serverArguments(port, dbPath, { keyFile: auth ? keyFile : undefined, failPoints }),
        logFile: join(data.path, 'mongod.log'),
        cwd: data.path,
      })
      await waitUntilReady(child, () => becomePrimary(child, port, auth))
      return child
    }
    const uriOn = (port: number, user = '', authDb = 'admin') => {
      const uri = new URL(`mongodb://${user && `${user}@`}127.0.0.1:${port}/${dbName}`)
      uri.searchParams.set('replicaSet', REPLICA_SET)
      if (user) uri.searchParams.set('authSource', authDb)
      return uri.href
    }
    return startOrCleanUp(
      () =>
        onFreePorts([options.port], async ([port = 0]) => {
          const start = begin(port)
          const server = embeddedServer({ first: await start(), start, cleanUp: data.remove })
          return Object.assign(server, {
            uri: uriOn(port, auth ? login(auth.user, auth.password) : ''),
            dbName,
            uriFor: (user: string, password: string, authDb?: string) =>
              uriOn(port, login(user, password), authDb),
            stepDown: (seconds = 5) => stepDown(port, auth, seconds),
          })
        }),
      data.remove,
    )
  })
}

const login = (user: string, password: string) =>
  `${encodeURIComponent(user)}:${encodeURIComponent(password)}`

function serverArguments(
  port: number,
  dbPath: string,
  { keyFile, failPoints }: { keyFile: string | undefined; failPoints: boolean },
): string[] {
  return toFlags({
    bind_ip: '127.0.0.1',
    port,
    nounixsocket: true,
    quiet: true,
    dbpath: dbPath,
    replSet: REPLICA_SET,
    oplogSize: 64,
    wiredTigerCacheSizeGB: 0.25,
    keyFile,
    setParameter: [
      'shutdownTimeoutMillisForSignaledShutdown=100', // a single node has no successor, so do not wait for one
      'diagnosticDataCollectionEnabled=false',
      ...(failPoints ? ['enableTestCommands=1'] : []),
    ],
  })
}

/** A replica set with access control also requires a key shared by its members, even if there is only one. */
async function keepKeyFile(path: string): Promise<void> {
  const key = randomBytes(96).toString('base64')
  await writeFile(path, key, { mode: 0o400, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}
