import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, type Db } from 'mongodb'
import pMap from 'p-map'
import {
  createSignupActivities,
  createPdsSignupActivities,
} from '../src/activities/atproto/signup/activities.ts'
import { table } from '../src/cli/format/print.ts'
import { createSignups } from '../src/client/signups.ts'
import { lazyTemporal } from '../src/client/temporal.ts'
import { loadAtprotoConfig, type AtprotoSections } from '../src/config/atproto/sections.ts'
import { createIdHash } from '../src/crypto/keyring.ts'
import { terminalProgress } from '../dev/servers/lib/progress.ts'
import { startServers, type Servers } from '../dev/servers/atproto-stack.ts'
import { startWorker } from '../dev/servers/holdfast-process.ts'
import { ATPROTO_SECTIONS, type AtprotoConfig } from '../src/worker/atproto/deps.ts'
import { connectWorkerDeps } from '../test/support/atproto-worker.ts'
import { cpuMeter } from './cpu.ts'
import { median } from './machine.ts'
import { tenantOf } from './parts.ts'

const IN_FLIGHT = 32

interface Round {
  readonly perSecond: number
  /** Processor milliseconds per signup. */
  readonly cpu: Readonly<Record<'worker' | 'temporal' | 'mongo' | 'pds' | 'driver', number>>
}

/**
 * Signups end to end on real servers, with Temporal and without, in turns. Everybody verifies as soon as they have
 * signed up, 32 people at a time. Both ways run the same steps against the same servers; without Temporal they are
 * plain calls from this process.
 */
export async function benchSignups({ people, rounds }: { people: number; rounds: number }): Promise<string> {
  const progress = terminalProgress()
  const servers = await startServers({ progress })
  try {
    const worker = await startWorker({ env: servers.env, logDir: servers.directory, progress })
    const config = loadAtprotoConfig([...ATPROTO_SECTIONS, 'mongo'], servers.env)
    const mongo = new MongoClient(config.mongo.uri)
    const bench = { servers, db: mongo.db(config.mongo.db), workerPid: worker.pid, config }
    const direct: Round[] = []
    const engine: Round[] = []
    await runDirect(bench, IN_FLIGHT) // both ways once, to warm up connections, tokens and compiled code
    await runEngine(bench, IN_FLIGHT)
    for (let round = 0; round < rounds; round += 1) {
      direct.push(await runDirect(bench, people))
      engine.push(await runEngine(bench, people))
    }
    await mongo.close()
    await worker.stop()
    return report(people, direct, engine)
  } finally {
    await servers.stop()
  }
}

interface Bench {
  readonly servers: Servers
  readonly db: Db
  readonly workerPid: number
  readonly config: AtprotoConfig & Pick<AtprotoSections, 'mongo'>
}

let made = 0
function newPeople({ servers }: Bench, count: number): string[] {
  return tenantOf(servers).seedUsers(
    Array.from({ length: count }, () => ({ email: `bench-${(made += 1)}@example.com` })),
  )
}

function verify({ servers }: Bench, identity: string): void {
  tenantOf(servers).setEmailVerified(identity, true)
}

async function measured(bench: Bench, people: number, work: () => Promise<void>): Promise<Round> {
  const { temporal, mongo, pds } = bench.servers
  const meter = cpuMeter({
    worker: bench.workerPid,
    temporal: temporal.pid,
    mongo: mongo.pid,
    pds: pds.pid,
    driver: process.pid,
  })
  const began = performance.now()
  await work()
  const seconds = (performance.now() - began) / 1_000
  const cpu = meter.stop()
  const each = (ms: number): number => ms / people
  return {
    perSecond: people / seconds,
    cpu: {
      worker: each(cpu.worker),
      temporal: each(cpu.temporal),
      mongo: each(cpu.mongo),
      pds: each(cpu.pds),
      driver: each(cpu.driver),
    },
  }
}

async function runDirect(bench: Bench, count: number): Promise<Round> {
  const people = newPeople(bench, count)
  const { deps, close } = connectWorkerDeps(bench.config)
  const records = createSignupActivities(deps)
  const { ensurePdsAccount } = createPdsSignupActivities(deps)
  try {
    return await measured(bench, count, async () => {
      await pMap(
        people,
        async (identity) => {
          const signedUpAt = new Date().toISOString()
          await records.ensureRecords({ identity, signedUpAt })
          verify(bench, identity)
          await records.checkVerification({ identity })
          await ensurePdsAccount({ identity })
        },
        { concurrency: IN_FLIGHT },
      )
    })
  } finally {
    await close()
  }
}

async function runEngine(bench: Bench, count: number): Promise<Round> {
  const people = newPeople(bench, count)
  const temporal = lazyTemporal(bench.config)
  const signups = createSignups(temporal, 'atproto', createIdHash(bench.config.keys.id))
  const arrivals = accountArrivals(bench.db)
  try {
    return await measured(bench, count, async () => {
      await pMap(
        people,
        async (identity) => {
          await signups.notify({ tenant: 'aesthetic', identity, signedUpAt: new Date().toISOString() })
          verify(bench, identity)
          await signups.notify({ tenant: 'aesthetic', identity, hint: 'emailVerified' })
          await arrivals.of(identity)
        },
        { concurrency: IN_FLIGHT },
      )
    })
  } finally {
    await arrivals.stop()
    await temporal.connection.close()
  }
}

/**
 * Reports when a person's account appears in `users`, by one query for all who wait: the measurement must not add its
 * own cost.
 */
function accountArrivals(db: Db): { of(identity: string): Promise<void>; stop(): Promise<void> } {
  const waiting = new Map<string, () => void>()
  const users = db.collection<{ _id: string }>('users')
  let stopped = false
  const watch = async (): Promise<void> => {
    while (!stopped) {
      await sleep(25)
      const filter = { _id: { $in: [...waiting.keys()] }, 'atproto.did': { $exists: true } }
      for (const { _id } of await users.find(filter, { projection: { _id: 1 } }).toArray()) {
        waiting.get(_id)?.()
        waiting.delete(_id)
      }
    }
  }
  const watching = watch()
  return {
    of: (identity) => new Promise((resolve) => void waiting.set(identity, resolve)),
    async stop() {
      stopped = true
      await watching
    },
  }
}

function report(people: number, direct: readonly Round[], engine: readonly Round[]): string {
  const row = (name: string, rounds: readonly Round[]): string[] => [
    name,
    median(rounds.map(({ perSecond }) => perSecond)).toFixed(1),
    ...(['worker', 'temporal', 'mongo', 'pds', 'driver'] as const).map((part) =>
      median(rounds.map(({ cpu }) => cpu[part])).toFixed(1),
    ),
  ]
  const ratios = engine.map(({ perSecond }, index) => perSecond / (direct[index]?.perSecond ?? Number.NaN))
  return [
    `Signups end to end, real PDS: ${people} people a round, ${direct.length} rounds in turn, medians`,
    table(
      ['', 'signups/s', 'CPU ms: worker', 'Temporal', 'MongoDB', 'PDS', 'driver and Auth0'],
      [row('directly, no engine', direct), row('as workflows', engine)],
    ),
    `as workflows / directly, pair by pair: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}; median ${median(ratios).toFixed(2)}`,
  ].join('\n')
}
