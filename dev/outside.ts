import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unservedQueues } from '../src/client/pollers.ts'
import { lazyTemporal } from '../src/client/temporal.ts'
import { shellEnv } from '../src/config.ts'
import { loadAtprotoConfig, type AtprotoSections } from '../src/config/atproto/sections.ts'
import { startEntry } from './servers/holdfast-process.ts'
import { asStep, terminalProgress, type Progress } from './servers/lib/progress.ts'
import type { EmbeddedServer } from './servers/lib/server.ts'
import { EXIT } from '../src/errors.ts'
import { ATPROTO_SECTIONS } from '../src/worker/atproto/deps.ts'
import { whenAborted } from './end-signals.ts'
import { applySchedules } from './apply-schedules.ts'
import { auth0DemoTenant } from './auth0-demo-tenant.ts'
import { runDemo } from './stories/run-demo.ts'
import { superviseStack } from './supervise-stack.ts'
import type { DevOptions } from './options.ts'

type Variables = Readonly<Record<string, string>>
type OutsideConfig = Pick<
  AtprotoSections,
  (typeof ATPROTO_SECTIONS)[number] | 'mongo' | 'operator' | 'http' | 'systems'
>

/**
 * `npm start -- --use-env`: runs worker and webhook server on the servers that this shell names, until they are
 * stopped. Missing variables are reported before anything starts. Returns the exit code.
 */
export async function serveFromEnv({ demo, exit }: DevOptions, end: AbortController): Promise<number> {
  const env = variablesOf(shellEnv())
  const config = loadAtprotoConfig([...ATPROTO_SECTIONS, 'mongo', 'operator', 'http', 'systems'], env)
  const logDir = await mkdtemp(join(tmpdir(), 'holdfast-'))
  const started = await Promise.race([startBoth(config, env, logDir), whenAborted(end.signal)])
  // Processes that are still starting end with this process.
  if (started === null) process.exit(EXIT.interrupted)
  const kept = superviseStack(started, [])
  void kept.givenUp.then(() => end.abort(EXIT.failed))
  try {
    await applySchedules(env)
    const complaints = demo ? await play(config, env, end.signal) : []
    for (const line of complaints) process.stderr.write(`${line}\n`)
    sayAddresses(config, logDir)
    if (exit === true) return complaints.length === 0 ? EXIT.done : EXIT.failed
    process.stdout.write('\nCtrl-C stops the worker and the webhook server.\n')
    await whenAborted(end.signal)
    return Number(end.signal.reason)
  } finally {
    process.stdout.write('Stopping …\n')
    await kept.stop()
    if (end.signal.reason !== EXIT.failed) await rm(logDir, { recursive: true, force: true })
  }
}

async function startBoth(config: OutsideConfig, env: Variables, logDir: string): Promise<EmbeddedServer[]> {
  const progress = terminalProgress()
  const started = await Promise.allSettled([
    startWorker(config, env, logDir, progress),
    startServer(config, env, logDir, progress),
  ])
  const failed = started.find((one) => one.status === 'rejected')
  const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  if (failed === undefined) return running
  await Promise.all(running.map((one) => one.stop()))
  throw failed.reason
}

function startWorker(config: OutsideConfig, env: Variables, logDir: string, progress: Progress) {
  const ready = async (): Promise<void> => {
    const temporal = lazyTemporal(config)
    try {
      const unserved = await unservedQueues(temporal, 'atproto')
      if (unserved.length > 0) throw new Error(`it does not poll ${unserved.join(' and ')} yet`)
    } finally {
      await temporal.connection.close()
    }
  }
  return asStep(progress, 'starting the worker', () =>
    startEntry({ name: 'worker', entry: 'worker', env, logDir, ready }),
  )
}

function startServer({ http }: OutsideConfig, env: Variables, logDir: string, progress: Progress) {
  const ready = async (): Promise<void> => {
    const answer = await fetch(`${localAddress(http.port)}/readyz`, { signal: AbortSignal.timeout(5_000) })
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`/readyz answers ${answer.status}`)
  }
  return asStep(progress, 'starting the webhook server', () =>
    startEntry({ name: 'webhook server', entry: 'server', env, logDir, ready }),
  )
}

async function play(config: OutsideConfig, env: Variables, end: AbortSignal): Promise<string[]> {
  const [tenant] = config.tenants
  if (tenant === undefined) throw new Error('no tenant for the demonstration')
  const mongo = { uri: config.mongo.uri, dbName: config.mongo.db }
  const playground = { mongo, demoTenant: auth0DemoTenant(tenant), idPrefix: tenant.idPrefix }
  return runDemo({ env, tenant: tenant.name, playground }, end)
}

function sayAddresses({ temporal, pds, tenants, http }: OutsideConfig, logDir: string): void {
  const lines = [
    ...(temporal.uiUrl === null ? [] : [['Temporal UI', temporal.uiUrl]]),
    ['PDS', pds.url],
    ...tenants.map(({ name }) => ['Webhook', `${localAddress(http.port)}/webhooks/auth0/${name}`]),
    ['Logs', logDir],
  ]
  process.stdout.write(`\n${lines.map(([name = '', at = '']) => `${name.padEnd(12)} ${at}`).join('\n')}\n`)
}

function localAddress(port: number): string {
  return `http://127.0.0.1:${port}`
}

function variablesOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
