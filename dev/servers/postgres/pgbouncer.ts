import { chown, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { startChild } from '../lib/child.ts'
import { dataDirectory } from '../lib/data-dir.ts'
import { onFreePorts } from '../lib/ports.ts'
import { asStep } from '../lib/progress.ts'
import type { Progress } from '../lib/progress.ts'
import { waitUntilReady } from '../lib/ready.ts'
import { embeddedServer, startOrCleanUp } from '../lib/server.ts'
import type { EmbeddedServer } from '../lib/server.ts'
import { runTool } from '../lib/tool.ts'
import { NOBODY, type UnprivilegedUser } from './binary.ts'

export interface PgBouncer extends EmbeddedServer {
  /** The address, through the pooler, of a database of the server behind it. */
  through(databaseUrl: string): string
}

export interface PgBouncerOptions {
  /** The program, as `findPgBouncer` returns it. */
  readonly program: string
  /** The address of any database of the Postgres server behind it; its user is the one that may log in. */
  readonly postgresUrl: string
  /** Connections to the server for each database: fewer than clients, so that they share them. */
  readonly poolSize: number
  /** `transaction` where left out. In session mode a client keeps its connection to the server until it ends. */
  readonly mode?: 'transaction' | 'session'
  readonly progress: Progress
}

/** The path of the program; null where it is not installed. Debian installs it in a folder of root's PATH only. */
export async function findPgBouncer(): Promise<string | null> {
  const args = ['-c', 'PATH="$PATH:/usr/sbin"; command -v pgbouncer || :']
  const found = await runTool({ command: 'sh', args, label: 'looking for pgbouncer' })
  return found.trim() === '' ? null : found.trim()
}

/**
 * PgBouncer before a Postgres server. In transaction mode, after each transaction, or each statement outside of one, the
 * client may get another connection to the server. It refuses every parameter at start-up that it does not know. Ready
 * means that a query is answered. As root it runs as the user `nobody`.
 */
export async function startPgBouncer(options: PgBouncerOptions): Promise<PgBouncer> {
  return asStep(options.progress, 'starting PgBouncer', async () => {
    const data = await dataDirectory(undefined, 'pgbouncer')
    return startOrCleanUp(
      () =>
        onFreePorts([undefined], async ([port = 0]) => {
          const config = await configure(data.path, port, options)
          const through = (databaseUrl: string): string => {
            const url = new URL(databaseUrl)
            url.port = String(port)
            return url.href
          }
          const start = async () => {
            const child = startChild({
              name: 'PgBouncer',
              command: options.program,
              args: [config],
              logFile: join(data.path, 'pgbouncer.log'),
              cwd: '/',
              ...unprivilegedUser(),
            })
            await waitUntilReady(child, () => answers(through(options.postgresUrl)))
            return child
          }
          const server = embeddedServer({ first: await start(), start, cleanUp: data.remove })
          return Object.assign(server, { through })
        }),
      data.remove,
    )
  })
}

async function configure(
  folder: string,
  port: number,
  { postgresUrl, poolSize, mode = 'transaction' }: PgBouncerOptions,
): Promise<string> {
  const { hostname, port: serverPort, username, password } = new URL(postgresUrl)
  const [config, users] = [join(folder, 'pgbouncer.ini'), join(folder, 'users.txt')]
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    pool_mode: mode,
    default_pool_size: poolSize,
    server_login_retry: 1, // seconds after a failed connection to the server
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  await writeFile(
    config,
    ['[databases]', `* = host=${hostname} port=${serverPort}`, '[pgbouncer]', ...lines, ''].join('\n'),
  )
  await writeFile(users, `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`, {
    mode: 0o600,
  })
  const user = unprivilegedUser()
  if (user !== null) for (const path of [folder, config, users]) await chown(path, user.uid, user.gid)
  return config
}

/** PgBouncer refuses root, as Postgres does. */
function unprivilegedUser(): UnprivilegedUser | null {
  return process.getuid?.() === 0 ? NOBODY : null
}

async function answers(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {}) // the query in flight fails with the same error
  await client.connect()
  try {
    await client.query('select 1')
  } finally {
    await client.end()
  }
}
