import { randomBytes } from 'node:crypto'
import { setTimeout as rest } from 'node:timers/promises'
import { MongoClient, type Collection } from 'mongodb'
import pMap from 'p-map'
import { table } from '../src/cli/format/print.ts'
import { createSignups, type Signups } from '../src/client/signups.ts'
import { lazyTemporal } from '../src/client/temporal.ts'
import { loadConfig } from '../src/config.ts'
import { createIdHash } from '../src/crypto/keyring.ts'
import { startServer } from '../dev/servers/holdfast-process.ts'
import { terminalProgress } from '../dev/servers/lib/progress.ts'
import { startServers, type Servers } from '../dev/servers/atproto-stack.ts'
import { dispatch } from '../src/intake/dispatch.ts'
import { quantile } from './machine.ts'

const SIZES = [1, 100, 1_000] as const
const FLOOD = { senders: 4, deliveries: 60, events: 100 } as const

interface Entry {
  readonly log_id: string
  readonly data: Readonly<Record<string, unknown>> & { readonly user_id: string; readonly date: string }
}

/** Long enough for the work after an answer to end, so that it does not slow down the next turn. */
const REST_MS = 50

/** Deliveries of each size that are not counted: they warm up connections and compiled code. */
const WARM_UP = 20

/** The target of a delivery, and the targets of the same data without Holdfast. */
interface Ways {
  readonly servers: Servers
  readonly plain: Collection<Entry>
  readonly signups: Signups
}

/**
 * Measures how long the sender of a delivery waits for the webhook's answer, in turns with one insert of the same
 * delivery into MongoDB (a document an event, majority and journal), over the same open connection, and with the two
 * parts that every answer includes: notifying Temporal of as many people, and an empty request. No worker runs: the
 * work after the answer is measured by `benchSignups`.
 */
export async function benchWebhook({ deliveries }: { deliveries: number }): Promise<string> {
  const progress = terminalProgress()
  const servers = await startServers({ progress })
  try {
    const server = await startServer({ env: servers.env, logDir: servers.directory, progress })
    const config = loadConfig(['mongo', 'temporal', 'keys'], servers.env)
    const client = new MongoClient(config.mongo.uri)
    const temporal = lazyTemporal(config)
    const ways = {
      servers,
      plain: client.db(config.mongo.db).collection<Entry>('bench_deliveries'),
      signups: createSignups(temporal, 'atproto', createIdHash(config.keys.id)),
    }
    try {
      for (const size of SIZES) await answerTimes(ways, size, WARM_UP)
      const rows = []
      for (const size of SIZES) rows.push(row(size, await answerTimes(ways, size, deliveries)))
      return report(deliveries, rows, await flood(servers))
    } finally {
      await Promise.all([client.close(), temporal.connection.close()])
      await server.stop()
    }
  } finally {
    await servers.stop()
  }
}

/** Signups of unknown people, as Auth0's log stream reports them. */
function newDelivery(size: number): Entry[] {
  return Array.from({ length: size }, () => {
    const log_id = `90020${randomBytes(24).toString('hex')}`
    const user_id = `auth0|${randomBytes(12).toString('hex')}`
    const details = { body: { email: `${user_id.slice(6)}@example.com`, tenant: 'aesthetic' } }
    const data = { type: 'ss', date: new Date().toISOString(), user_id, log_id, details, ip: '203.0.113.7' }
    return { log_id, data }
  })
}

const bodyOf = (entries: readonly Entry[]): string => entries.map((entry) => JSON.stringify(entry)).join('\n')

async function post({ env }: Servers, body: string): Promise<void> {
  const answer = await fetch(`${env['HOLDFAST_URL']}/webhooks/auth0/aesthetic`, {
    method: 'POST',
    headers: { authorization: env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? '' },
    body,
  })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`the webhook answers ${answer.status}: ${text}`)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  await rest(REST_MS)
  const began = performance.now()
  await work()
  return performance.now() - began
}

interface Times {
  readonly webhook: number[]
  readonly insert: number[]
  readonly temporal: number[]
  readonly request: number[]
}

async function answerTimes({ servers, plain, signups }: Ways, size: number, deliveries: number) {
  const times: Times = { webhook: [], insert: [], temporal: [], request: [] }
  for (let delivery = 0; delivery < deliveries; delivery += 1) {
    const entries = newDelivery(size)
    const body = bodyOf(entries)
    times.webhook.push(await timed(() => post(servers, body)))
    const concern = { writeConcern: { w: 'majority', journal: true } } as const
    times.insert.push(await timed(() => plain.insertMany(entries, concern)))
    const news = newDelivery(size).map(({ data }) => ({ identity: data.user_id, signedUpAt: data.date }))
    times.temporal.push(await timed(() => dispatch(signups, 'aesthetic', news, 'live')))
    times.request.push(await timed(() => post(servers, '[]')))
  }
  return times
}

/** Events made durable in a second while four senders deliver without a pause, every other event a repeated one. */
async function flood(servers: Servers): Promise<number> {
  const { senders, deliveries, events } = FLOOD
  let last = newDelivery(events / 2)
  const mixed = Array.from({ length: deliveries }, () => {
    const fresh = newDelivery(events / 2)
    const delivery = [...fresh, ...last]
    last = fresh
    return delivery
  })
  const ms = await timed(() =>
    pMap(mixed, (delivery) => post(servers, bodyOf(delivery)), { concurrency: senders }),
  )
  return (deliveries * events) / (ms / 1_000)
}

function row(size: number, { webhook, insert, temporal, request }: Times): string[] {
  const [answered, inserted] = [quantile(webhook, 0.5), quantile(insert, 0.5)]
  const [answered99, inserted99] = [quantile(webhook, 0.99), quantile(insert, 0.99)]
  const [started, asked] = [quantile(temporal, 0.5), quantile(request, 0.5)]
  const ms = [answered, answered99, inserted, inserted99, started, asked]
  const ratios = [answered / inserted, answered99 / inserted99, (started + asked) / inserted]
  return [size, ...[...ms, ...ratios].map((value) => value.toFixed(1))].map(String)
}

const COLUMNS = 'events,webhook p50,p99,insert p50,p99,Temporal,request,ratio p50,p99,least'.split(',')

function report(deliveries: number, rows: string[][], perSecond: number): string {
  return [
    `Acknowledgement of a delivery, next to one durable insert of it in MongoDB: ${deliveries} deliveries a size, in turn, ms`,
    'Medians of what no answer can do without: Temporal, as many people handed to it alone; request, a delivery of nothing',
    'ratio: webhook / insert; least: (Temporal + request) / insert, at the median',
    table(COLUMNS, rows),
    `Flood: ${FLOOD.senders} senders, ${FLOOD.deliveries} deliveries of ${FLOOD.events} events, half of them repeated: ` +
      `${Math.round(perSecond)} events a second made durable or known to be`,
  ].join('\n')
}
