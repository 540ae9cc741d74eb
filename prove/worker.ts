import { asyncLocalStorage } from '@temporalio/activity'
import { randomBytes } from 'node:crypto'
import type { AtprotoDeps } from '../src/activities/atproto-deps.ts'
import { loadConfig } from '../src/config.ts'
import { OutsideError } from '../src/domain/outside-error.ts'
import { createLogger } from '../src/logging.ts'
import { connectAtproto } from '../src/worker/deps.ts'
import { installRuntime, runAtprotoWorkers } from '../src/worker/run.ts'
import { onEachCall } from '../test/support/outside-calls.ts'
import { disturbed, installFaultyFetch } from './faulty-fetch.ts'
import type { Order, Question } from './orders.ts'

/**
 * Entry: the project's own worker, but that it asks before each call to its outside world what shall happen there:
 * `node worker.ts <where to ask> <bundle> <canary>`. Passwords it draws begin with the canary, so that one search
 * finds any of them. The configuration is the environment's.
 */
const [director = '', bundlePath = '', canary = ''] = process.argv.slice(2)
const realFetch = installFaultyFetch()
const config = loadConfig(['temporal', 'mode', 'mongo', 'tenants', 'pds', 'keys', 'signup', 'quarantine'])
installRuntime(createLogger('worker'))
const { deps } = connectAtproto(config)
await deps.handleSyncs.watch()

async function ask(call: string): Promise<Order> {
  const { workflowExecution } = asyncLocalStorage.getStore()?.info ?? {}
  const question: Question = { workflowId: workflowExecution?.workflowId ?? null, call }
  const answer = await realFetch(director, { method: 'POST', body: JSON.stringify(question) })
  return (await answer.json()) as Order
}

/** The signal is on its way. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise<never>(() => {})
}

async function perform(name: string, { answer }: Order, call: () => Promise<unknown>): Promise<unknown> {
  if (answer === undefined) return call()
  if (/^(pds|auth0)\./.test(name)) return disturbed(answer, call)
  if (answer === 'lost') await call()
  throw new OutsideError('mongo-unreachable', 'MongoDB does not answer: as the plan says')
}

const faulty: AtprotoDeps = onEachCall(
  { ...deps, newPassword: () => `${canary}${randomBytes(18).toString('base64url')}` },
  async (name, call) => {
    const order = await ask(name)
    if (order.die === 'before') return die()
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
