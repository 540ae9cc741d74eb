import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { MongoClient, type Db } from 'mongodb'
import pMap from 'p-map'
import type { VerificationDocument } from '../src/adapters/mongo/documents.ts'
import { table } from '../src/cli/format/print.ts'
import { createRuns } from '../src/client/runs.ts'
import { createSignups, type Signups } from '../src/client/signups.ts'
import { lazyTemporal } from '../src/client/temporal.ts'
import { loadAtprotoConfig } from '../src/config/atproto/sections.ts'
import type { BackfillResult } from '../src/contracts/backfill.ts'
import { createIdHash } from '../src/crypto/keyring.ts'
import type { Auth0StandIn } from '../dev/servers/auth0/server.ts'
import { startWorker } from '../dev/servers/holdfast-process.ts'
import { terminalProgress } from '../dev/servers/lib/progress.ts'
import { startServers } from '../dev/servers/atproto-stack.ts'
import { cpuMeter } from './cpu.ts'
import { median } from './machine.ts'
import { accountMaker, tenantOf } from './parts.ts'

/** Direct calls to the PDS in flight at once: a higher number makes it no faster. */
const AT_ONCE = 16
const WARM_UP = 50
const IDLE_SIGNUPS = 20
/** Between one live signup and the next, in milliseconds. */
const LIVE_PAUSE_MS = 1_000
/** A rate so high that only the PDS limits the speed. */
const NO_PACE = '1000'
const PARTS = ['worker', 'temporal', 'mongo', 'pds', 'driver'] as const

interface Bench {
  readonly tenant: Auth0StandIn
  readonly db: Db
  readonly temporal: Client
  readonly signups: Signups
  readonly createAccount: () => Promise<number>
}

/**
 * Repairs people of whom only a verification is left, on real servers. Measures the whole backfill, from its audit to
 * the second look, beside the PDS alone, which is called directly before and after, and the duration of a live signup
 * meanwhile.
 */
export async function benchBackfill(people: number): Promise<string> {
  const progress = terminalProgress()
  const servers = await startServers({ progress })
  const env = { ...servers.env, PDS_STEPS_PER_SECOND: NO_PACE }
  const worker = await startWorker({ env, logDir: servers.directory, progress })
  const config = loadAtprotoConfig(['temporal', 'mongo', 'keys', 'pds'], env)
  const mongo = new MongoClient(config.mongo.uri)
  const temporal = lazyTemporal(config)
  const bench: Bench = {
    tenant: tenantOf(servers),
    db: mongo.db(config.mongo.db),
    temporal,
    signups: createSignups(temporal, 'atproto', createIdHash(config.keys.id)),
    createAccount: accountMaker(config.pds),
  }
  try {
    await seedVerifiedOnly(bench, WARM_UP)
    await backfill(bench, WARM_UP)
    const before = await aloneRate(bench, people / 2)
    const idle = await signupTimes(bench, (done) => done === IDLE_SIGNUPS)

    await seedVerifiedOnly(bench, people)
    const meter = cpuMeter({
      worker: worker.pid,
      temporal: servers.temporal.pid,
      mongo: servers.mongo.pid,
      pds: servers.pds.pid,
      driver: process.pid,
    })
    let running = true
    const [seconds, live] = await Promise.all([
      backfill(bench, people).finally(() => (running = false)),
      signupTimes(bench, () => !running, LIVE_PAUSE_MS),
    ])
    const cpu = meter.stop()
    const after = await aloneRate(bench, people / 2)
    const alone = (before + after) / 2
    const rate = (people + live.length) / seconds
    return [
      `A backfill of ${people} with a real PDS, from its audit to its second look, and ${live.length} live signups meanwhile`,
      table(
        ['', 'accounts/s'],
        [
          ['the PDS alone, before and after', `${before.toFixed(1)}, ${after.toFixed(1)}`],
          ['the backfill', rate.toFixed(1)],
        ],
      ),
      `backfill / PDS alone: ${(rate / alone).toFixed(2)} (${seconds.toFixed(0)} s)`,
      `processor ms an account: ${PARTS.map((part) => `${part} ${(cpu[part] / (people + live.length)).toFixed(1)}`).join(' · ')}`,
      `a live signup, verified as it comes: median ${median(idle).toFixed(0)} ms on idle servers, ` +
        `${median(live).toFixed(0)} ms meanwhile: ${(median(live) / median(idle)).toFixed(1)} times`,
    ].join('\n')
  } finally {
    await Promise.all([mongo.close(), temporal.connection.close()])
    await worker.stop()
    await servers.stop()
  }
}

let made = 0

/** The state the former system left: verified at Auth0, counted once, and nothing else. */
async function seedVerifiedOnly({ tenant, db }: Bench, count: number): Promise<void> {
  const createdAt = new Date(Date.now() - 3 * 24 * 3_600_000)
  const people = tenant.seedUsers(
    Array.from({ length: count }, () => ({
      email: `left-${(made += 1)}@example.com`,
      verified: true,
      createdAt,
    })),
  )
  await db
    .collection<VerificationDocument>('verifications')
    .insertMany(people.map((_id) => ({ _id, count: 1 })))
}

/** Seconds from the start of the workflow to its end. */
async function backfill({ temporal }: Bench, people: number): Promise<number> {
  const runs = createRuns(temporal)
  const began = performance.now()
  const id = await runs.startBackfill('atproto', { fix: true, maxChanges: people })
  const { successful, verified } = (await runs.follow(id, () => {})) as BackfillResult
  if (successful !== people || verified !== people)
    throw new Error(`of ${people} people ${successful} were repaired and ${verified} seen to be whole`)
  return (performance.now() - began) / 1_000
}

/** Accounts a second. */
async function aloneRate({ createAccount }: Bench, accounts: number): Promise<number> {
  const began = performance.now()
  await pMap(Array.from({ length: accounts }), createAccount, { concurrency: AT_ONCE })
  return accounts / ((performance.now() - began) / 1_000)
}

/** Milliseconds from the event of a person to their completed signup, in sequence. */
async function signupTimes(
  { tenant, signups, temporal }: Bench,
  enough: (done: number) => boolean,
  pauseMs = 0,
): Promise<number[]> {
  const times: number[] = []
  while (!enough(times.length)) {
    const email = `live-${(made += 1)}@example.com`
    const [identity = ''] = tenant.seedUsers([{ email, verified: true }])
    const began = performance.now()
    const news = { tenant: 'aesthetic', identity, signedUpAt: new Date().toISOString() }
    const { workflowId } = await signups.notify({ ...news, hint: 'emailVerified' })
    const { stage } = (await temporal.workflow.getHandle(workflowId).result()) as { stage: string }
    if (stage !== 'completed') throw new Error(`a live signup ended as ${stage}`)
    times.push(performance.now() - began)
    await sleep(pauseMs)
  }
  return times
}
