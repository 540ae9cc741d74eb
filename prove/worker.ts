import { asyncLocalStorage } from '@temporalio/activity'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectMongo } from '../src/adapters/mongo/lib/connect.ts'
import { loadAtprotoConfig } from '../src/config/atproto/sections.ts'
import { OutsideError } from '../src/domain/outside-error.ts'
import { createLogger } from '../src/logging.ts'
import { ATPROTO_SECTIONS } from '../src/worker/atproto/deps.ts'
import { connectWorkerDeps, runAtprotoWorkers, type WorkerDeps } from '../test/support/atproto-worker.ts'
import { installRuntime } from '../src/worker/run.ts'
import { interceptCollections } from '../test/support/faults/intercept-collections.ts'
import { interceptCalls } from '../test/support/intercept-calls.ts'
import { withFault, installFaultyFetch } from './faulty-fetch.ts'
import type { FaultInstruction, FaultQuery } from './fault-protocol.ts'

/**
 * Entry: the project's own worker, except that before each outside call it queries the director for a fault: `node
 * worker.ts <director url> <bundle> <canary>`. Passwords it draws begin with the canary, so that one search finds any
 * of them. The configuration is the environment's.
 */
/** Shorter than the time-out of one call, so that no call fails by itself but the step exceeds its time-out. */
const SLOW_MS = 7_000

const [director = '', bundlePath = '', canary = ''] = process.argv.slice(2)
const realFetch = installFaultyFetch()
const config = loadAtprotoConfig([...ATPROTO_SECTIONS, 'mongo'])
installRuntime(createLogger('worker'))
const { client, db } = connectMongo(config.mongo)
/** Attempts of steps for which MongoDB is slow. */
const slowAttempts = new WeakSet<object>()
const { deps } = connectWorkerDeps(config, {
  client,
  db: interceptCollections(db, async (_name, call) => {
    const attempt = asyncLocalStorage.getStore()
    if (attempt !== undefined && slowAttempts.has(attempt)) await sleep(SLOW_MS)
    return call()
  }),
})
await deps.handleSyncs.ensureWatcher()

async function ask(call: string): Promise<FaultInstruction> {
  const { workflowExecution } = asyncLocalStorage.getStore()?.info ?? {}
  const question: FaultQuery = { workflowId: workflowExecution?.workflowId ?? null, call }
  const answer = await realFetch(director, { method: 'POST', body: JSON.stringify(question) })
  return (await answer.json()) as FaultInstruction
}

/** Never resolves: the process is killed first. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise<never>(() => {})
}

async function perform(
  name: string,
  { answer }: FaultInstruction,
  call: () => Promise<unknown>,
): Promise<unknown> {
  if (answer === undefined) return call()
  if (/^(pds|auth0)\./.test(name)) return withFault(answer, call)
  if (answer === 'lost') await call()
  throw new OutsideError('mongo-unreachable', 'MongoDB does not answer: as the plan says')
}

const faulty: WorkerDeps = interceptCalls(
  { ...deps, newPassword: () => `${canary}${randomBytes(18).toString('base64url')}` },
  async (name, call) => {
    const order = await ask(name)
    if (order.die === 'before') return die()
    const attempt = asyncLocalStorage.getStore()
    if (order.slow === true && attempt !== undefined) slowAttempts.add(attempt)
    const result = await perform(name, order, call)
    return order.die === 'after' ? die() : result
  },
)
const workers = await runAtprotoWorkers({
  config,
  deps: faulty,
  bundle: { codePath: bundlePath },
})
process.once('SIGTERM', workers.shutdown)
await workers.finished
process.exit(0)
