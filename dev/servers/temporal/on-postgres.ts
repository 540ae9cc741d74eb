import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from '../lib/child.ts'
import { dataDirectory } from '../lib/data-dir.ts'
import { toFlags } from '../lib/flags.ts'
import { onFreePorts } from '../lib/ports.ts'
import { asStep } from '../lib/progress.ts'
import type { Progress } from '../lib/progress.ts'
import { waitForSuccess, waitUntilReady } from '../lib/ready.ts'
import { embeddedServer, startOrCleanUp } from '../lib/server.ts'
import type { EmbeddedServer } from '../lib/server.ts'
import { startPostgres } from '../postgres/postgres.ts'
import { checkNamespaces, checkQueries, ensureNamespaces } from './ready.ts'
import type { SearchAttributes } from './ready.ts'
import type { TemporalServerPrograms } from './server-binary.ts'
import { DATABASES, PORTS, serverConfig } from './server-config.ts'
import type { SqlAddress } from './server-config.ts'
import { DYNAMIC_CONFIG } from './temporal.ts'

export interface TemporalOnPostgres extends EmbeddedServer {
  readonly address: string
}

export interface TemporalOnPostgresOptions {
  readonly programs: TemporalServerPrograms
  readonly namespaces: readonly string[]
  /** Registered in every namespace. */
  readonly searchAttributes: SearchAttributes
  readonly progress: Progress
}

/**
 * Temporal's server as production runs it: all services, with persistence and visibility on a Postgres of its own; no
 * web UI, and nothing is kept. Ready means that every namespace answers and has the search attributes. Throws
 * `StartError` when it does not start.
 */
export async function startTemporalOnPostgres(
  options: TemporalOnPostgresOptions,
): Promise<TemporalOnPostgres> {
  const { programs, namespaces, searchAttributes, progress } = options
  const postgres = await startPostgres({ progress })
  const data = await startOrCleanUp(
    () => dataDirectory(undefined, 'temporal-on-postgres'),
    () => postgres.stop(),
  )
  const cleanUp = async () => {
    try {
      await postgres.stop()
    } finally {
      await data.remove()
    }
  }
  return asStep(progress, 'starting Temporal on Postgres', () =>
    startOrCleanUp(async () => {
      const sql = new URL(postgres.url)
      for (const [database, schema] of Object.entries(DATABASES)) {
        await postgres.ensureDatabase(database)
        await loadSchema(programs.sqlTool, sql, { database, schema, folder: data.path })
      }
      return onFreePorts(
        Array.from({ length: PORTS }, () => undefined),
        async (ports) => {
          const address = `127.0.0.1:${ports[0]}`
          await writeConfig(data.path, sql, ports)
          const start = async () => {
            const child = startChild({
              name: 'Temporal on Postgres',
              command: programs.server,
              args: ['--root', data.path, '--config', '.', '--env', 'holdfast', '--allow-no-auth', 'start'],
              logFile: join(data.path, 'temporal.log'),
              env: { HOME: data.path },
              cwd: data.path,
            })
            await waitUntilReady(child, async () => {
              await ensureNamespaces(address, namespaces)
              await checkNamespaces(address, namespaces, searchAttributes)
              await checkQueries(address, namespaces, searchAttributes)
            })
            return child
          }
          const server = embeddedServer({ first: await start(), start, cleanUp })
          return Object.assign(server, { address })
        },
      )
    }, cleanUp),
  )
}

/** Creates the tables of one database, with the schema that the tool itself contains. */
async function loadSchema(
  sqlTool: string,
  sql: SqlAddress,
  { database, schema, folder }: { database: string; schema: string; folder: string },
): Promise<void> {
  for (const step of [
    ['setup-schema', ...toFlags({ version: '0.0' })],
    ['update-schema', ...toFlags({ 'schema-name': schema })],
  ]) {
    const tool = startChild({
      name: `temporal-sql-tool ${step[0]}`,
      command: sqlTool,
      args: step,
      logFile: join(folder, `${database}-${step[0]}.log`),
      env: {
        SQL_PLUGIN: 'postgres12',
        SQL_HOST: sql.hostname,
        SQL_PORT: sql.port,
        SQL_USER: sql.username,
        SQL_PASSWORD: sql.password,
        SQL_DATABASE: database,
      },
    })
    await waitForSuccess(tool)
  }
}

/** JSON is YAML, which is what the server reads. */
async function writeConfig(folder: string, sql: SqlAddress, ports: readonly number[]): Promise<void> {
  const dynamicConfig = join(folder, 'dynamic-config.yaml')
  const settings = Object.fromEntries(
    Object.entries(DYNAMIC_CONFIG).map(([name, value]) => [name, [{ value }]]),
  )
  await writeFile(dynamicConfig, JSON.stringify(settings))
  const config = serverConfig(sql, ports, { logLevel: 'warn', dynamicConfig })
  await writeFile(join(folder, 'holdfast.yaml'), JSON.stringify(config), { mode: 0o600 })
}
