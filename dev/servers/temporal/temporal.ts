import { join } from 'node:path'
import { startChild } from '../lib/child.ts'
import type { Child } from '../lib/child.ts'
import { dataDirectory } from '../lib/data-dir.ts'
import { toFlags } from '../lib/flags.ts'
import { onFreePorts } from '../lib/ports.ts'
import { findProgram } from '../lib/program.ts'
import type { ProgramOptions } from '../lib/program.ts'
import { asStep } from '../lib/progress.ts'
import { waitUntilReady } from '../lib/ready.ts'
import { embeddedServer, startOrCleanUp } from '../lib/server.ts'
import type { EmbeddedServer } from '../lib/server.ts'
import { temporalBinary } from './binary.ts'
import { checkNamespaces } from './ready.ts'
import type { SearchAttributes } from './ready.ts'

export interface TemporalServer extends EmbeddedServer {
  readonly address: string
  readonly uiUrl: string
  readonly namespace: string
  /** The path of the `temporal` command. */
  readonly cli: string
  /** The SQLite file with all data; absent when the data is in memory. */
  readonly dbFile?: string
}

export interface TemporalOptions extends ProgramOptions {
  /** Keeps all data in this directory. Absent: in memory, lost with the process. */
  readonly dataDir?: string
  /** The first is the server's `namespace`. Default `default`. */
  readonly namespaces?: readonly [string, ...string[]]
  /** Registered in every namespace. */
  readonly searchAttributes: SearchAttributes
  /** The codec endpoint with which the web UI decodes payloads. */
  readonly codecEndpoint?: string
  readonly dynamicConfig?: Readonly<Record<string, unknown>>
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error'
  readonly port?: number
  readonly uiPort?: number
}

/**
 * A Temporal development server with its web UI. Ready means that every namespace answers and has the search
 * attributes. Throws `NoSourceError` when there is no `temporal`, `StartError` when it does not start.
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
      await waitUntilReady(child, () => answers(child, port, options))
      return child
    }
    return startOrCleanUp(
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
 * The settings of `deploy/temporal/dynamic-config.yaml`. A development server's command line only takes values for all
 * queues at once; one partition is enough for each of them.
 */
export const DYNAMIC_CONFIG = {
  'matching.useNewMatcher': true,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  // Not of that file: the default of 30 s is the time for which a deletion waits, see HOLDFAST_TEMPORAL_ACK_SECONDS.
  'history.transferProcessorUpdateAckInterval': '1s',
}
/** For the variables of Holdfast beside these servers. */
export const TEMPORAL_ACK = { HOLDFAST_TEMPORAL_ACK_SECONDS: '2' }

const namespacesOf = ({ namespaces = ['default'] }: TemporalOptions) => namespaces

function serverArguments(options: TemporalOptions, port: number, uiPort: number, dbFile?: string): string[] {
  const { searchAttributes, dynamicConfig = {}, codecEndpoint, logLevel = 'warn' } = options
  return [
    'server',
    'start-dev',
    ...toFlags({
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
  await checkNamespaces(`127.0.0.1:${port}`, namespacesOf(options), options.searchAttributes)
  // Printed when all of its ports listen, including the UI's; it also shows that this child is the one that answered.
  if (!(await child.output()).includes('UI:')) throw new Error('the web UI is not up yet')
}
