import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, escapeIdentifier } from 'pg'
import { startChild } from '../lib/child.ts'
import { dataDirectory } from '../lib/data-dir.ts'
import { loadOrCreateSettings } from '../lib/saved-settings.ts'
import { onFreePorts } from '../lib/ports.ts'
import { postgresPrograms } from './binary.ts'
import type { PostgresPrograms } from './binary.ts'
import { ensureCluster } from './cluster.ts'
import { asStep } from '../lib/progress.ts'
import type { Progress } from '../lib/progress.ts'
import { StartError, waitUntilReady } from '../lib/ready.ts'
import { embeddedServer, startOrCleanUp } from '../lib/server.ts'
import type { EmbeddedServer } from '../lib/server.ts'

export interface PostgresServer extends EmbeddedServer {
  /** The address of the database `postgres`, for its administrator. */
  readonly url: string
  /** Creates the database if it is missing, and returns its address. */
  ensureDatabase(name: string): Promise<string>
}

export interface PostgresOptions {
  /** Keeps all data in this directory. Absent: a temporary one. */
  readonly dataDir?: string
  readonly port?: number
  /** The superuser of a new cluster. Default: `postgres`. */
  readonly administrator?: string
  readonly progress: Progress
}

const OLD_MEMORY_WAIT_MS = 5_000

/**
 * A Postgres server, reachable by password on 127.0.0.1. Ready means that it answers a query. Throws `StartError` when
 * it does not start. As root it runs as the user `nobody`, which must be able to reach `dataDir`.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const administrator = options.administrator ?? 'postgres'
  return asStep(options.progress, 'starting Postgres', async () => {
    const programs = await postgresPrograms()
    const data = await startOrCleanUp(() => dataDirectory(options.dataDir, 'postgres'), programs.remove)
    const cleanUp = async () => {
      await data.remove()
      await programs.remove()
    }
    return startOrCleanUp(async () => {
      const { password } = await loadOrCreateSettings(join(data.path, 'postgres.json'), {
        password: randomBytes(18).toString('base64url'),
      })
      const cluster = await ensureCluster(programs, data.path, password, administrator)
      return onFreePorts([options.port], async ([port = 0]) => {
        const url = (database: string) =>
          `postgres://${administrator}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`
        const start = () =>
          launch({
            programs,
            dataPath: data.path,
            cluster,
            port,
            url: url('postgres'),
            keep: !data.temporary,
          })
        const server = embeddedServer({ first: await start(), start, cleanUp })
        return Object.assign(server, {
          url: url('postgres'),
          ensureDatabase: async (name: string) => {
            await ensureDatabase(url('postgres'), name)
            return url(name)
          },
        })
      })
    }, cleanUp)
  })
}

async function launch(on: {
  programs: PostgresPrograms
  dataPath: string
  cluster: string
  port: number
  url: string
  keep: boolean
}) {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '32MB',
    timezone: 'UTC',
    fsync: on.keep ? 'on' : 'off',
  }
  const deadline = performance.now() + OLD_MEMORY_WAIT_MS
  for (;;) {
    const child = startChild({
      name: 'Postgres',
      command: on.programs.postgres,
      args: [
        '-D',
        on.cluster,
        '-p',
        String(on.port),
        ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`]),
      ],
      logFile: join(on.dataPath, 'postgres.log'),
      cwd: '/',
      stopSignal: 'SIGINT', // Postgres's fast shutdown: clients are disconnected
      ...on.programs.user,
    })
    try {
      await waitUntilReady(child, () => answers(on.url, on.cluster))
      return child
    } catch (error) {
      // Right after a kill the old child processes may not have noticed yet that their parent is gone.
      const oldOnesLeft = error instanceof StartError && error.message.includes('pre-existing shared memory')
      if (!oldOnesLeft || performance.now() > deadline) throw error
      await sleep(50)
    }
  }
}

async function answers(url: string, cluster: string): Promise<void> {
  await query(url, async (client) => {
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
    if (rows[0]?.data_directory !== cluster) throw new Error('the port is answered by another Postgres')
  })
}

async function ensureDatabase(url: string, name: string): Promise<void> {
  await query(url, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(name)}`)
  })
}

async function query(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {}) // the query in flight fails with the same error
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
