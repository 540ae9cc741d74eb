import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { startServer, startWorker } from './holdfast-process.ts'
import { dataDirectory } from './lib/data-dir.ts'
import { freePort } from './lib/ports.ts'
import type { Progress } from './lib/progress.ts'
import { loadOrCreateSettings } from './lib/saved-settings.ts'
import type { EmbeddedServer } from './lib/server.ts'
import { startTemporal, TEMPORAL_ACK, type TemporalServer } from './temporal/temporal.ts'

type Variables = Readonly<Record<string, string>>

export interface StackOptions {
  readonly progress: Progress
  /** Keeps all data between starts. Absent: temporary, removed at the end. */
  readonly dataDir?: string | undefined
  readonly temporal?: string | undefined
  readonly temporalNamespaces?: readonly [string, ...string[]] | undefined
  /** Variables for Holdfast besides those of the servers. */
  readonly env?: Variables | undefined
}

/** The tools with which a part of the stack starts its servers. */
export interface PartTools {
  readonly progress: Progress
  /** The directory of the whole stack. */
  readonly directory: string
  /** Whether the data is kept between starts. */
  readonly keeps: boolean
  /** The directory for a server's data; nothing where the data is not kept. */
  under(name: string): { readonly dataDir?: string }
  /** Stops the server with the stack, also where another part does not start. */
  track<T extends { stop(): Promise<void> }>(start: Promise<T>): Promise<T>
}

/** The servers of one system, and the variables that name them to Holdfast. */
export interface Part {
  readonly env: Variables
}

/** The servers that all systems share, and Holdfast's own settings. */
export interface SharedServers {
  readonly temporal: TemporalServer
  /** The variables for every process of Holdfast on these servers. */
  readonly env: Variables
  readonly directory: string
  stop(): Promise<void>
}

/** Temporal and the servers of each part, without Holdfast: started in parallel, stopped again if one does not start. */
export async function startParts<P extends Readonly<Record<string, Part>>>(
  { progress, dataDir, temporal: given, temporalNamespaces, env = {} }: StackOptions,
  parts: { readonly [K in keyof P]: (tools: PartTools) => Promise<P[K]> },
): Promise<SharedServers & { readonly parts: P }> {
  const data = await dataDirectory(dataDir, 'stack')
  const under = (name: string) => (dataDir === undefined ? {} : { dataDir: join(data.path, name) })
  const running: (() => Promise<void>)[] = []
  const track: PartTools['track'] = async (start) => {
    const server = await start
    running.push(() => server.stop())
    return server
  }
  const stop = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((end) => end()))
    await data.remove()
  }
  const tools = { progress, directory: data.path, keeps: dataDir !== undefined, under, track }
  const kept = await loadOrCreateSettings(join(data.path, 'holdfast.json'), await freshSettings())
  const names = Object.keys(parts) as (keyof P & string)[]
  const [temporal, ...ofParts] = await Promise.allSettled([
    track(
      startTemporal({
        ...under('temporal'),
        ...(given === undefined ? {} : { given }),
        ...(temporalNamespaces === undefined ? {} : { namespaces: temporalNamespaces }),
        searchAttributes: SEARCH_ATTRIBUTES,
        codecEndpoint: `http://127.0.0.1:${kept.port}/codec`,
        progress,
      }),
    ),
    ...names.map(async (name) => [name, await parts[name](tools)] as const),
  ])
  const started = ofParts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  if (temporal.status === 'rejected' || started.length < ofParts.length) {
    await stop()
    throw failureOf([temporal, ...ofParts])
  }
  const profile = join(data.path, 'temporal.toml')
  await writeFile(profile, `[profile.default]\naddress = "${temporal.value.address}"\n`)
  return {
    temporal: temporal.value,
    parts: Object.fromEntries(started) as unknown as P, // each name has its own part
    directory: data.path,
    env: {
      ...sharedEnvironment(temporal.value, kept, profile),
      ...Object.assign({}, ...started.map(([, part]) => part.env)),
      HOLDFAST_SYSTEMS: names.join(','),
      ...env,
    },
    stop,
  }
}

/** Worker and server on these servers; `stop` ends the servers too. */
export async function startHoldfast(
  { env, directory: logDir, stop: stopServers }: SharedServers,
  progress: Progress,
): Promise<{ worker: EmbeddedServer; server: EmbeddedServer; stop(): Promise<void> }> {
  const started = await Promise.allSettled([
    startWorker({ env, logDir, progress }),
    startServer({ env, logDir, progress }),
  ])
  const stop = async (): Promise<void> => {
    const ended = await Promise.allSettled(
      started.flatMap((one) => (one.status === 'fulfilled' ? [one.value.stop()] : [])),
    )
    await stopServers()
    if (ended.some(({ status }) => status === 'rejected')) throw failureOf(ended)
  }
  const [worker, server] = started
  if (worker.status === 'rejected' || server.status === 'rejected')
    throw failureOf([...started, ...(await Promise.allSettled([stop()]))])
  return { worker: worker.value, server: server.value, stop }
}

/** The errors of what was started in parallel. */
function failureOf(results: readonly PromiseSettledResult<unknown>[]): unknown {
  const reasons = results.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []))
  return reasons.length === 1 ? reasons[0] : new AggregateError(reasons, reasons.map(String).join('\n'))
}

interface Kept {
  readonly sealingKey: string
  readonly idKey: string
  readonly operatorToken: string
  /** The port of Holdfast's server, to which providers deliver. */
  readonly port: number
  /** The port of the operators' address. */
  readonly operatorPort: number
}

async function freshSettings(): Promise<Kept> {
  return {
    sealingKey: `dev:${randomSecret(32)}`,
    idKey: randomSecret(32),
    operatorToken: randomSecret(24),
    port: await freePort(),
    operatorPort: await freePort(),
  }
}

export function randomSecret(bytes: number): string {
  return randomBytes(bytes).toString('base64')
}

function sharedEnvironment(
  temporal: TemporalServer,
  { sealingKey, idKey, operatorToken, port, operatorPort }: Kept,
  profile: string,
): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEMPORAL_CONFIG_FILE: profile, // else a profile of the user could add to these
    TEMPORAL_UI_URL: temporal.uiUrl,
    ...TEMPORAL_ACK,
    HOLDFAST_KEY: sealingKey,
    HOLDFAST_ID_KEY: idKey,
    HOLDFAST_OPERATOR_TOKEN: operatorToken,
    HOLDFAST_CODEC: 'open', // HOST is this machine only
    HOLDFAST_URL: `http://127.0.0.1:${port}`,
    HOST: '127.0.0.1',
    PORT: String(port),
    OPERATOR_PORT: String(operatorPort),
    OPERATOR_URL: `http://127.0.0.1:${operatorPort}`,
  }
}
