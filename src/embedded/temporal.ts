import { join } from 'node:path'
import { startChild } from './child.ts'
import type { Child } from './child.ts'
import { dataDirectory } from './data-dir.ts'
import { flags } from './flags.ts'
import { onFreePorts } from './ports.ts'
import { findProgram } from './program.ts'
import type { ProgramOptions } from './program.ts'
import { asStep } from './progress.ts'
import { untilReady } from './ready.ts'
import { embeddedServer, orCleanUp } from './server.ts'
import type { EmbeddedServer } from './server.ts'
import { temporalBinary } from './temporal-binary.ts'
import { namespacesAnswer } from './temporal-ready.ts'
import type { SearchAttributes } from './temporal-ready.ts'

export interface TemporalServer extends EmbeddedServer {
  readonly address: string
  readonly uiUrl: string
  readonly namespace: string
  /** The `temporal` command it runs from. */
  readonly cli: string
  /** The SQLite file that holds everything, when it is not in memory. */
  readonly dbFile?: string
}

export interface TemporalOptions extends ProgramOptions {
  /** Keeps everything in this directory. Absent: in memory, gone with the process. */
  readonly dataDir?: string
  /** The first is the server's `namespace`. Default `default`. */
  readonly namespaces?: readonly [string, ...string[]]
  /** Registered in every namespace. */
  readonly searchAttributes: SearchAttributes
  /** Where the web UI has payloads decoded. */
  readonly codecEndpoint?: string
  readonly dynamicConfig?: Readonly<Record<string, unknown>>
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error'
  readonly port?: number
  readonly uiPort?: number
}

/**
 * A Temporal development server with its web UI. Ready means that every namespace answers and knows the
 * search attributes. Throws `NoSourceError` when there is no `temporal`, `StartError` when it does not start.
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const cli = await findProgram(temporalBinary, options)
  return asStep(options.progress, 'starting Temporal', async () => {
    const data = await dataDirectory(options.dataDir, 'temporal')
    const dbFile = data.temporary ? undefined : join(data.path, 'temporal.db')
    const begin = (port: number, uiPort: number) => async () => {
      const child = startChild({
        name: 'Temporal',
        command: cli,
        args: serverArguments(options, port, uiPort, dbFile),
        logFile: join(data.path, 'temporal.log'),
        env: { HOME: data.path },
        cwd: data.path,
      })
      await untilReady(child, () => answers(child, port, options))
      return child
    }
    return orCleanUp(
      () =>
        onFreePorts([options.port, options.uiPort], async ([port = 0, uiPort = 0]) => {
          const start = begin(port, uiPort)
          const server = embeddedServer({ first: await start(), start, cleanUp: data.remove })
          return Object.assign(server, {
            address: `127.0.0.1:${port}`,
            uiUrl: `http://127.0.0.1:${uiPort}`,
            namespace: namespacesOf(options)[0],
            cli,
            ...(dbFile === undefined ? {} : { dbFile }),
          })
        }),
      data.remove,
    )
  })
}

/**
 * What `deploy/temporal/dynamic-config.yaml` says. On its command line a development server takes values for all
 * queues alone; one partition is enough for any of them.
 */
const DYNAMIC_CONFIG = {
  'matching.useNewMatcher': true,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
}

const namespacesOf = ({ namespaces = ['default'] }: TemporalOptions) => namespaces

function serverArguments(options: TemporalOptions, port: number, uiPort: number, dbFile?: string): string[] {
  const { searchAttributes, dynamicConfig = {}, codecEndpoint, logLevel = 'warn' } = options
  return [
    'server',
    'start-dev',
    ...flags({
      'disable-config-file': true,
      'disable-config-env': true,
      color: 'never',
      'log-level': logLevel,
      ip: '127.0.0.1',
      port,
      'ui-port': uiPort,
      namespace: namespacesOf(options),
      'search-attribute': Object.entries(searchAttributes).map(([name, type]) => `${name}=${type}`),
      'dynamic-config-value': Object.entries({ ...DYNAMIC_CONFIG, ...dynamicConfig }).map(
        ([key, value]) => `${key}=${JSON.stringify(value)}`,
      ),
      'ui-codec-endpoint': codecEndpoint,
      'db-filename': dbFile,
    }),
  ]
}

async function answers(child: Child, port: number, options: TemporalOptions): Promise<void> {
  await namespacesAnswer(`127.0.0.1:${port}`, namespacesOf(options), options.searchAttributes)
  // Printed when everything listens, the UI too; it also tells that it was this child that answered.
  if (!(await child.output()).includes('UI:')) throw new Error('the web UI is not up yet')
}
