import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LISTENING } from './atproto-process.ts'
import { startChild } from '../lib/child.ts'
import type { Child } from '../lib/child.ts'
import { dataDirectory } from '../lib/data-dir.ts'
import { saveSettings } from '../lib/saved-settings.ts'
import type { PlcSettings } from './plc-process.ts'
import { onFreePorts } from '../lib/ports.ts'
import { asStep } from '../lib/progress.ts'
import type { Progress } from '../lib/progress.ts'
import { waitUntilReady } from '../lib/ready.ts'
import { embeddedServer, startOrCleanUp } from '../lib/server.ts'
import type { EmbeddedServer } from '../lib/server.ts'

export interface PlcServer extends EmbeddedServer {
  readonly url: string
}

/**
 * A PLC directory, where the PDS registers DIDs. Without `databaseUrl` (Postgres) its records are lost when the process
 * exits, and the DIDs of a PDS that outlives it no longer resolve.
 */
export async function startPlc(options: {
  databaseUrl?: string
  port?: number
  progress: Progress
}): Promise<PlcServer> {
  const { databaseUrl } = options
  return asStep(options.progress, 'starting the PLC directory', async () => {
    const data = await dataDirectory(undefined, 'plc')
    return startOrCleanUp(
      () =>
        onFreePorts([options.port], async ([port = 0]) => {
          const settingsFile = join(data.path, 'plc.json')
          const settings: PlcSettings = { port, ...(databaseUrl === undefined ? {} : { databaseUrl }) }
          await saveSettings(settingsFile, settings)
          const url = `http://127.0.0.1:${port}`
          const start = () =>
            startNodeServer({
              name: 'PLC',
              entry: 'plc-process.ts',
              settingsFile,
              directory: data.path,
              health: `${url}/_health`,
            })
          const server = embeddedServer({ first: await start(), start, cleanUp: data.remove })
          return Object.assign(server, { url })
        }),
      data.remove,
    )
  })
}

/** Starts one of the two Node entries and returns when its health page answers. */
export async function startNodeServer(options: {
  name: string
  entry: 'plc-process.ts' | 'pds-process.ts'
  settingsFile: string
  directory: string
  health: string
}): Promise<Child> {
  const { name, entry, settingsFile, directory, health } = options
  const child = startChild({
    name,
    command: process.execPath,
    args: [fileURLToPath(new URL(entry, import.meta.url)), settingsFile],
    logFile: join(directory, `${name.toLowerCase()}.log`),
    env: { LOG_ENABLED: 'false', HOME: directory, NODE_ENV: 'production' },
    cwd: directory,
  })
  await waitUntilReady(child, async () => {
    if (!(await child.output()).includes(LISTENING)) throw new Error('it does not listen yet')
    const answer = await fetch(health, { signal: AbortSignal.timeout(5_000) })
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`${health} answers ${answer.status}`)
  })
  return child
}
