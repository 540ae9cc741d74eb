import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { table } from '../src/cli/format/print.ts'
import { createSignups } from '../src/client/signups.ts'
import { lazyTemporal } from '../src/client/temporal.ts'
import { loadAtprotoConfig } from '../src/config/atproto/sections.ts'
import { createIdHash } from '../src/crypto/keyring.ts'
import { terminalProgress } from '../dev/servers/lib/progress.ts'
import { startStack, type Stack } from '../dev/servers/atproto-stack.ts'
import { cpuMeter } from './cpu.ts'
import { median } from './machine.ts'
import { memoryMeter, rssMib } from './memory.ts'
import { accountMaker, tenantOf } from './parts.ts'

const A_DELIVERY = 100
const IDLE_SECONDS = 60
const ACCOUNTS = 30

/**
 * Many people who have signed up and not verified: their cost for our processes while they sign up and while they wait,
 * and the time for one of them from the acknowledged verification to the last record.
 */
export async function benchWaiting({
  waiting,
  verified,
}: {
  waiting: number
  verified: number
}): Promise<string> {
  const stack = await startStack({ progress: terminalProgress() })
  const config = loadAtprotoConfig(['temporal', 'keys', 'pds'], stack.env)
  const temporal = lazyTemporal(config)
  try {
    const pids = { server: stack.server.pid, worker: stack.worker.pid, Temporal: stack.temporal.pid }
    const before = each(pids, rssMib)
    const coming = memoryMeter(pids)
    const began = performance.now()
    const people = await arrive(stack, waiting)
    await untilWaiting(temporal, waiting)
    const seconds = (performance.now() - began) / 1_000
    const mostComing = coming.stop()

    const idle = memoryMeter(pids)
    const meter = cpuMeter(pids)
    await sleep(IDLE_SECONDS * 1_000)
    const cpu = meter.stop()
    const mostIdle = idle.stop()

    const { workflowIdOf } = createSignups(temporal, 'atproto', createIdHash(config.keys.id))
    const total: number[] = []
    for (const identity of people.slice(0, verified))
      total.push(await completion(stack, temporal, identity, workflowIdOf({ tenant: 'aesthetic', identity })))
    const account = await accountMs(accountMaker(config.pds))
    const mib = (value: number): string => `${value.toFixed(0)} MiB`
    const rest = median(total) - account
    return [
      `${waiting} signups that wait for their verification, ${(waiting / seconds).toFixed(0)} a second in deliveries of ${A_DELIVERY}`,
      table(
        ['', 'before', 'most while they came', `most in ${IDLE_SECONDS} s of waiting`, 'processor meanwhile'],
        (['server', 'worker', 'Temporal'] as const).map((name) => [
          name,
          mib(before[name]),
          mib(mostComing[name]),
          mib(mostIdle[name]),
          `${(cpu[name] / IDLE_SECONDS / 10).toFixed(1)} %`,
        ]),
      ),
      `From the acknowledged verification to completed, ${total.length} of them one by one: ` +
        `median ${median(total).toFixed(0)} ms, the PDS's createAccount alone ${account.toFixed(0)} ms, so the rest ${rest.toFixed(0)} ms`,
    ].join('\n')
  } finally {
    await temporal.connection.close()
    await stack.stop()
  }
}

function each<K extends string>(pids: Readonly<Record<K, number>>, read: (pid: number) => number) {
  return Object.fromEntries((Object.keys(pids) as K[]).map((name) => [name, read(pids[name])])) as Record<
    K,
    number
  >
}

/** Their signup events arrive by the webhook, as Auth0 would send them. */
export async function arrive(stack: Stack, count: number): Promise<string[]> {
  const people = tenantOf(stack).seedUsers(
    Array.from({ length: count }, (_, index) => ({ email: `waiting-${index}@example.com` })),
  )
  for (let from = 0; from < count; from += A_DELIVERY)
    await deliver(stack, people.slice(from, from + A_DELIVERY), 'ss')
  return people
}

export async function deliver(stack: Stack, people: readonly string[], type: 'ss' | 'sv'): Promise<void> {
  const logs = people.map((user_id) => {
    const log_id = `90020${randomBytes(20).toString('hex')}`
    return { log_id, data: { type, user_id, log_id, date: new Date().toISOString() } }
  })
  const answer = await fetch(`${stack.env['HOLDFAST_URL']}/webhooks/auth0/aesthetic`, {
    method: 'POST',
    headers: { authorization: stack.env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? '' },
    body: JSON.stringify(logs),
  })
  if (!answer.ok) throw new Error(`the webhook answers ${answer.status}`)
  await answer.arrayBuffer()
}

export async function untilWaiting(temporal: Client, count: number): Promise<void> {
  const query = `SignupStage = 'waiting-for-verification'`
  while ((await temporal.workflow.count(query)).count < count) await sleep(500)
}

/** Milliseconds from the webhook's answer to the end of the workflow. */
async function completion(
  stack: Stack,
  temporal: Client,
  identity: string,
  workflowId: string,
): Promise<number> {
  tenantOf(stack).setEmailVerified(identity, true)
  await deliver(stack, [identity], 'sv')
  const acknowledged = performance.now()
  const { stage } = (await temporal.workflow.getHandle(workflowId).result()) as { stage: string }
  if (stage !== 'completed') throw new Error(`a signup ended as ${stage}`)
  return performance.now() - acknowledged
}

/** The PDS's time for one account, in milliseconds: the same call, made from here. */
async function accountMs(createAccount: () => Promise<number>): Promise<number> {
  const times: number[] = []
  for (let index = 0; index < ACCOUNTS; index += 1) times.push(await createAccount())
  return median(times)
}
