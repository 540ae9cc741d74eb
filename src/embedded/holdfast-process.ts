import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Connection } from '@temporalio/client'
import { PDS_TASK_QUEUE, taskQueueOf } from '../contracts/systems.ts'
import { startChild, type Child } from './child.ts'
import { asStep, type Progress } from './progress.ts'
import { untilReady } from './ready.ts'
import { embeddedServer, type EmbeddedServer } from './server.ts'

/** Temporal's own numbers for the two kinds of task queue. */
const WORKFLOW = 1
const ACTIVITY = 2

/**
 * As the deployment and `npm run` have them: without, Node takes what the machine has before it cleans up. The
 * server holds whole deliveries; semi-spaces of 8 MiB in the worker's two heaps take it past 400 MB with ten thousand
 * signups waiting.
 */
export const MEMORY_FLAGS = {
  worker: ['--max-old-space-size=256', '--max-semi-space-size=4'],
  server: ['--max-old-space-size=320', '--max-semi-space-size=4'],
} as const

type Variables = Readonly<Record<string, string>>

/** A worker in a process of its own, on nothing but the given variables. Ready means that it polls every queue. */
export async function startWorker(options: {
  env: Variables
  logDir: string
  progress: Progress
}): Promise<EmbeddedServer> {
  const { env, logDir, progress } = options
  return asStep(progress, 'starting the worker', () =>
    startEntry({
      name: 'worker',
      entry: 'worker',
      env,
      logDir,
      ready: (child) => polls(child, env),
    }),
  )
}

/** The HTTP side in a process of its own. Ready means that it and everything it needs answers. */
export async function startServer(options: {
  env: Variables
  logDir: string
  progress: Progress
}): Promise<EmbeddedServer> {
  const { env, logDir, progress } = options
  const ready = async (): Promise<void> => {
    const answer = await fetch(`${env['HOLDFAST_URL']}/readyz`, { signal: AbortSignal.timeout(5_000) })
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`/readyz answers ${answer.status}`)
  }
  return asStep(progress, 'starting the webhook server', () =>
    startEntry({ name: 'webhook server', entry: 'server', env, logDir, ready }),
  )
}

async function startEntry(options: {
  name: string
  entry: keyof typeof MEMORY_FLAGS
  env: Variables
  logDir: string
  ready: (child: Child) => Promise<void>
}): Promise<EmbeddedServer> {
  const { name, entry, env, logDir, ready } = options
  const start = async (began: (child: Child) => void): Promise<Child> => {
    const child = startChild({
      name,
      command: process.execPath,
      args: [...MEMORY_FLAGS[entry], fileURLToPath(new URL(`../${entry}.ts`, import.meta.url))],
      logFile: join(logDir, `${entry}.log`),
      env: { ...env, HOME: logDir },
    })
    began(child)
    await untilReady(child, () => ready(child))
    return child
  }
  return embeddedServer({ first: await start(() => {}), start, cleanUp: async () => {} })
}

/** A poller carries its process's id, which tells this worker from one that was here before. */
async function polls(child: Child, env: Variables): Promise<void> {
  const connection = await Connection.connect({
    address: env['TEMPORAL_ADDRESS'] ?? '',
    connectTimeout: '2s',
  })
  try {
    for (const name of [taskQueueOf('atproto'), PDS_TASK_QUEUE]) {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace: env['TEMPORAL_NAMESPACE'] ?? '',
        taskQueue: { name },
        taskQueueType: name === PDS_TASK_QUEUE ? ACTIVITY : WORKFLOW,
      })
      if (!pollers?.some(({ identity }) => identity?.startsWith(`${child.pid}@`))) {
        throw new Error(`it does not poll ${name} yet`)
      }
    }
  } finally {
    await connection.close()
  }
}
