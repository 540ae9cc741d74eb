import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Connection } from '@temporalio/client'
import { queuesOf } from '../../src/client/pollers.ts'
import { loadConfig } from '../../src/config.ts'
import { systemOfTaskQueue } from '../../src/contracts/systems.ts'
import { startChild, type Child } from './lib/child.ts'
import { asStep, type Progress } from './lib/progress.ts'
import { waitUntilReady } from './lib/ready.ts'
import { embeddedServer, type EmbeddedServer } from './lib/server.ts'

/** Temporal's own numbers for the two types of task queue. */
const WORKFLOW = 1
const ACTIVITY = 2

/**
 * The same limits as in the deployment and `npm run`: without them Node's heap grows to the machine's memory before it
 * is collected. The server holds whole deliveries; semi-spaces of 8 MiB in the worker's two heaps take it past 400 MB
 * with ten thousand signups waiting.
 */
export const MEMORY_FLAGS = {
  worker: ['--max-old-space-size=256', '--max-semi-space-size=4'],
  server: ['--max-old-space-size=320', '--max-semi-space-size=4'],
  codec: ['--max-old-space-size=128', '--max-semi-space-size=4'],
} as const

type Variables = Readonly<Record<string, string>>

/** A worker in its own process, with only the given variables. Ready means that it polls every queue. */
export async function startWorker(options: {
  env: Variables
  logDir: string
  progress: Progress
  script?: readonly string[]
}): Promise<EmbeddedServer> {
  const { env, logDir, progress, script } = options
  return asStep(progress, 'starting the worker', () =>
    startEntry({
      name: 'worker',
      entry: 'worker',
      env,
      logDir,
      ready: (child) => polls(child, env),
      script,
    }),
  )
}

/** The webhook server in its own process. Ready means that it and all its dependencies answer. */
export async function startServer(options: {
  env: Variables
  logDir: string
  progress: Progress
  script?: readonly string[]
}): Promise<EmbeddedServer> {
  const { env, logDir, progress, script } = options
  const ready = async (): Promise<void> => {
    const answer = await fetch(`${env['HOLDFAST_URL']}/readyz`, { signal: AbortSignal.timeout(5_000) })
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`/readyz answers ${answer.status}`)
  }
  return asStep(progress, 'starting the webhook server', () =>
    startEntry({ name: 'webhook server', entry: 'server', env, logDir, ready, script }),
  )
}

/** One process of Holdfast, with only the given variables. */
export async function startEntry(options: {
  name: string
  entry: keyof typeof MEMORY_FLAGS
  env: Variables
  logDir: string
  ready: (child: Child) => Promise<void>
  /** The script and its arguments, where it is not the entry's own. */
  script?: readonly string[] | undefined
}): Promise<EmbeddedServer> {
  const { name, entry, env, logDir, ready } = options
  const script = options.script ?? [fileURLToPath(new URL(`../../src/${entry}.ts`, import.meta.url))]
  const start = async (began: (child: Child) => void): Promise<Child> => {
    const child = startChild({
      name,
      command: process.execPath,
      args: [...MEMORY_FLAGS[entry], ...script],
      logFile: join(logDir, `${entry}.log`),
      env: { HOME: logDir, ...env },
    })
    began(child)
    await waitUntilReady(child, () => ready(child))
    return child
  }
  return embeddedServer({ first: await start(() => {}), start, cleanUp: async () => {} })
}

/** A poller's identity contains its process id, which distinguishes this worker from an earlier one. */
async function polls(child: Child, env: Variables): Promise<void> {
  const connection = await Connection.connect({
    address: env['TEMPORAL_ADDRESS'] ?? '',
    connectTimeout: '2s',
  })
  try {
    for (const name of loadConfig(['systems'], env).systems.flatMap(queuesOf)) {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace: env['TEMPORAL_NAMESPACE'] ?? '',
        taskQueue: { name },
        taskQueueType: systemOfTaskQueue(name) === null ? ACTIVITY : WORKFLOW,
      })
      if (!pollers?.some(({ identity }) => identity?.startsWith(`${child.pid}@`))) {
        throw new Error(`it does not poll ${name} yet`)
      }
    }
  } finally {
    await connection.close()
  }
}
