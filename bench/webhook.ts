import { randomBytes } from 'node:crypto'
import { MongoClient, type Collection } from 'mongodb'
import pMap from 'p-map'
import { table } from '../src/cli/print.ts'
import { loadConfig } from '../src/config.ts'
import { startServer } from '../src/embedded/holdfast-process.ts'
import { terminalProgress } from '../src/embedded/progress.ts'
import { startServers, type Servers } from '../src/embedded/stack.ts'
import { quantile } from './machine.ts'

const SIZES = [1, 100, 1_000] as const
const FLOOD = { senders: 4, deliveries: 60, events: 100 } as const

interface Entry {
  readonly log_id: string
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * What the sender of a delivery waits for: the webhook's answer, in turns with one insert of the same delivery into
 * MongoDB (a document an event, majority and journal), over the same connection kept open. No worker runs: what is
 * behind the answer is measured by `benchSignups`.
 */
export async function benchWebhook({ deliveries }: { deliveries: number }): Promise<string> {
  const progress = terminalProgress()
  const servers = await startServers({ progress })
  try {
    const server = await startServer({ env: servers.env, logDir: servers.directory, progress })
    const { mongo } = loadConfig(['mongo'], servers.env)
    const client = new MongoClient(mongo.uri)
    const plain = client.db(mongo.db).collection<Entry>('bench_deliveries')
    try {
      await answerTimes(servers, plain, 10, 5) // connections and compiled code
      const rows = []
      for (const size of SIZES) rows.push(row(size, await answerTimes(servers, plain, size, deliveries)))
      return report(deliveries, rows, await flood(servers))
    } finally {
      await client.close()
      await server.stop()
    }
  } finally {
    await servers.stop()
  }
}

/** Signups of people nobody has heard of, as Auth0's log stream writes them. */
function newDelivery(size: number): Entry[] {
  return Array.from({ length: size }, () => {
    const log_id = `90020${randomBytes(24).toString('hex')}`
    const user_id = `auth0|${randomBytes(12).toString('hex')}`
    const details = { body: { email: `${user_id.slice(6)}@example.com`, tenant: 'aesthetic' } }
    const data = { type: 'ss', date: new Date().toISOString(), user_id, log_id, details, ip: '203.0.113.7' }
    return { log_id, data }
  })
}

async function post({ env }: Servers, entries: readonly Entry[]): Promise<void> {
  const answer = await fetch(`${env['HOLDFAST_URL']}/webhooks/auth0/aesthetic`, {
    method: 'POST',
    headers: { authorization: env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? '' },
    body: entries.map((entry) => JSON.stringify(entry)).join('\n'),
  })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`the webhook answers ${answer.status}: ${text}`)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

interface Times {
  readonly webhook: number[]
  readonly insert: number[]
}

async function answerTimes(
  servers: Servers,
  plain: Collection<Entry>,
  size: number,
  deliveries: number,
): Promise<Times> {
  const times: Times = { webhook: [], insert: [] }
  for (let delivery = 0; delivery < deliveries; delivery += 1) {
    const entries = newDelivery(size)
    times.webhook.push(await timed(() => post(servers, entries)))
    const concern = { writeConcern: { w: 'majority', journal: true } } as const
    times.insert.push(await timed(() => plain.insertMany(structuredClone(entries), concern)))
  }
  return times
}

/** Events made durable in a second while four senders deliver as fast as they are answered, every other event a repeated one. */
async function flood(servers: Servers): Promise<number> {
  const { senders, deliveries, events } = FLOOD
  let last = newDelivery(events / 2)
  const mixed = Array.from({ length: deliveries }, () => {
    const fresh = newDelivery(events / 2)
    const delivery = [...fresh, ...last]
    last = fresh
    return delivery
  })
  const ms = await timed(() => pMap(mixed, (delivery) => post(servers, delivery), { concurrency: senders }))
  return (deliveries * events) / (ms / 1_000)
}

function row(size: number, { webhook, insert }: Times): string[] {
  const [p50, p99, plain50, plain99] = [
    quantile(webhook, 0.5),
    quantile(webhook, 0.99),
    quantile(insert, 0.5),
    quantile(insert, 0.99),
  ]
  return [
    String(size),
    ...[p50, p99, plain50, plain99].map((ms) => ms.toFixed(1)),
    (p50 / plain50).toFixed(1),
    (p99 / plain99).toFixed(1),
  ]
}

function report(deliveries: number, rows: string[][], perSecond: number): string {
  return [
    `Acknowledgement of a delivery, next to one durable insert of it in MongoDB: ${deliveries} deliveries a size, in turn, ms`,
    table(['events', 'webhook p50', 'p99', 'insert p50', 'p99', 'ratio p50', 'p99'], rows),
    `Flood: ${FLOOD.senders} senders, ${FLOOD.deliveries} deliveries of ${FLOOD.events} events, half of them repeated: ` +
      `${Math.round(perSecond)} events a second made durable or known to be`,
  ].join('\n')
}
