import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import pMap from 'p-map'
import { connectMongo } from '../src/adapters/mongo/lib/connect.ts'
import { table } from '../src/cli/format/print.ts'
import { createSignups } from '../src/client/signups.ts'
import { lazyTemporal } from '../src/client/temporal.ts'
import { loadAtprotoConfig } from '../src/config/atproto/sections.ts'
import type { AlertMessage } from '../src/contracts/alerts.ts'
import { PRIORITY } from '../src/contracts/priorities.ts'
import { taskQueueOf } from '../src/contracts/systems.ts'
import { createIdHash } from '../src/crypto/keyring.ts'
import { terminalProgress } from '../dev/servers/lib/progress.ts'
import { startServers } from '../dev/servers/atproto-stack.ts'
import { createLogger } from '../src/logging.ts'
import { ATPROTO_SECTIONS } from '../src/worker/atproto/deps.ts'
import { connectWorkerDeps, runAtprotoWorkers } from '../test/support/atproto-worker.ts'
import { bundleWorkflows } from '../src/worker/bundle.ts'
import { installRuntime } from '../src/worker/run.ts'
import { failingDb } from '../test/support/faults/failing-mongo.ts'
import { tenantOf } from './parts.ts'

/** The time until a database call fails: one that is refused, and one that hangs. */
const OUTAGES = [
  ['refuses after 3 s', 3_000],
  ['hangs for 12 s', 12_000],
] as const
const STARTED_AT_ONCE = 50
/** An outage that began a while ago is measured too: the signups are then past their first attempts. */
const A_WHILE_MS = 30_000

/**
 * Measures one run of `watch` while the database fails and signups wait for it: the time from its start to the alert
 * and to its end. Once at the same time as the signups' first attempts, and once a while later.
 */
export async function benchWatch(sizes: readonly number[]): Promise<string> {
  const servers = await startServers({ progress: terminalProgress() })
  const pager = await openPager()
  const env = { ...servers.env, HOLDFAST_ALERT_URL: pager.url }
  const config = loadAtprotoConfig([...ATPROTO_SECTIONS, 'mongo'], env)
  const temporal = lazyTemporal(config)
  const signups = createSignups(temporal, 'atproto', createIdHash(config.keys.id))
  installRuntime(createLogger('worker'))
  const rows: string[][] = []
  const bundle = await bundleWorkflows()
  try {
    for (const [name, ms] of OUTAGES) {
      for (const waiting of sizes) {
        // A new worker for each outage, so that its knowledge of the database is not that of the outage before.
        const mongo = connectMongo(config.mongo)
        const { db, failAfter } = failingDb(mongo.db)
        const { deps, close } = connectWorkerDeps(config, { ...mongo, db })
        const workers = await runAtprotoWorkers({ config, deps, bundle, graceTime: '1s' })
        await watchRun(temporal, pager) // to warm up, and to close the alert of the outage before
        failAfter(ms)
        const people = tenantOf(servers).seedUsers(
          Array.from({ length: waiting }, (_, index) => ({ email: `${ms}-${waiting}-${index}@example.com` })),
        )
        const signedUpAt = new Date().toISOString()
        await pMap(people, (identity) => signups.notify({ tenant: 'aesthetic', identity, signedUpAt }), {
          concurrency: STARTED_AT_ONCE,
        })
        const first = await watchRun(temporal, pager)
        await sleep(A_WHILE_MS)
        const later = await watchRun(temporal, pager)
        rows.push([name, String(waiting), seconds(first.alertMs), seconds(first.endMs), seconds(later.endMs)])
        process.stderr.write(`${rows.at(-1)?.join(' | ')}\n`)
        failAfter(null)
        await endAll(temporal)
        workers.shutdown()
        await workers.finished
        await close()
      }
    }
  } finally {
    await temporal.connection.close()
    pager.close()
    await servers.stop()
  }
  return [
    'One run of watch while the database fails, the signups started just before it',
    table(['the database', 'signups that wait', 'alert sent', 'run ended', 'a run 30 s later'], rows),
  ].join('\n')
}

interface Pager {
  readonly url: string
  /** The time at which the database's alert was opened, by `performance.now()`; null until then. */
  openedAt: number | null
  close(): void
}

async function openPager(): Promise<Pager> {
  const server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      const { name, state } = (await json(request)) as AlertMessage
      if (name === 'mongo-unreachable' && state === 'opened') pager.openedAt ??= performance.now()
      response.writeHead(200).end()
    }
    void take()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const pager: Pager = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    openedAt: null,
    close: () => void server.close(),
  }
  return pager
}

/** Milliseconds from the start of one run to the database's alert, if one was sent, and to its end. */
async function watchRun(temporal: Client, pager: Pager): Promise<{ alertMs: number; endMs: number }> {
  pager.openedAt = null
  const began = performance.now()
  await temporal.workflow.execute('watch', {
    taskQueue: taskQueueOf('atproto'),
    workflowId: 'watch/bench',
    priority: { priorityKey: PRIORITY.watch },
    args: [{}],
  })
  return { alertMs: (pager.openedAt ?? Number.NaN) - began, endMs: performance.now() - began }
}

/** Terminates all workflows, so that none of one outage waits in the next. */
async function endAll(temporal: Client): Promise<void> {
  const query = `ExecutionStatus = 'Running'`
  do {
    for await (const { workflowId } of temporal.workflow.list({ query }))
      await temporal.workflow.getHandle(workflowId).terminate('the bench goes on')
    await sleep(1_000)
  } while ((await temporal.workflow.count(query)).count > 0)
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
