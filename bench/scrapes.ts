import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { table } from '../src/cli/format/print.ts'
import { lazyTemporal } from '../src/client/temporal.ts'
import { loadAtprotoConfig } from '../src/config/atproto/sections.ts'
import { IN_MONGODB } from '../src/config/state.ts'
import { createIdHash } from '../src/crypto/keyring.ts'
import { connectMeasures } from '../src/http/metrics/connect.ts'
import { createLogger } from '../src/logging.ts'
import { openState } from '../src/state/open.ts'
import type { State } from '../src/state/ports.ts'
import { terminalProgress } from '../dev/servers/lib/progress.ts'
import { startStack } from '../dev/servers/atproto-stack.ts'
import { median } from './machine.ts'
import { tenantOf } from './parts.ts'
import { arrive, deliver, untilWaiting } from './waiting.ts'

/** Each round reads once a second, for as long as every source is refreshed at least once. */
const ROUND_SECONDS = 70
const READERS = [1, 50] as const

/**
 * Scrapes of the metrics and viewers of the health at once, while many signups wait and some are blocked: the queries
 * that they cause, which must not grow with them, and how long a scrape takes.
 */
export async function benchScrapes(sizes: { waiting: number; stuck: number }): Promise<string> {
  const { waiting, stuck } = sizes
  const stack = await startStack({ progress: terminalProgress() })
  const config = loadAtprotoConfig(['temporal', 'keys'], stack.env)
  const temporal = lazyTemporal(config)
  const opened = await openState('atproto', IN_MONGODB.read(stack.env))
  try {
    const people = await arrive(stack, waiting + stuck)
    await untilWaiting(temporal, waiting + stuck)
    await stack.pds.stop()
    const verified = people.slice(0, stuck)
    for (const identity of verified) tenantOf(stack).setEmailVerified(identity, true)
    for (let from = 0; from < stuck; from += 100) await deliver(stack, verified.slice(from, from + 100), 'sv')
    const blocked = "SignupProblem IS NOT NULL AND ExecutionStatus = 'Running'"
    while ((await temporal.workflow.count(blocked)).count < stuck) await sleep(500)

    const rows: string[][] = []
    for (const readers of READERS) {
      const counter = countCalls(temporal, opened.state)
      const { metrics, health } = connectMeasures(
        [
          {
            system: 'atproto',
            own: {},
            temporal: counter.temporal,
            monitored: { state: counter.state },
            hash: createIdHash(config.keys.id),
            tenants: ['aesthetic'],
          },
        ],
        { build: 'bench', logger: createLogger('bench') },
      )
      const times: number[] = []
      for (let second = 0; second < ROUND_SECONDS; second += 1) {
        const next = sleep(1_000)
        const reading = Array.from({ length: readers }, async () => {
          const began = performance.now()
          await metrics.page()
          times.push(performance.now() - began)
          await health('atproto')
        })
        await Promise.all(reading)
        await next
      }
      rows.push([
        String(readers),
        String(counter.calls().state),
        String(counter.calls().temporal),
        `${median(times).toFixed(1)} ms`,
        `${Math.max(...times).toFixed(0)} ms`,
      ])
    }
    return [
      `${waiting} signups that wait and ${stuck} that are blocked, read once a second for ${ROUND_SECONDS} s`,
      table(
        ['scrapes and viewers at once', 'calls to the state', 'to Temporal', 'a scrape', 'longest'],
        rows,
      ),
    ].join('\n')
  } finally {
    await opened.close()
    await temporal.connection.close()
    await stack.stop()
  }
}

/** The same client and state, whose calls are counted. */
function countCalls(temporal: Client, state: State) {
  const calls = { state: 0, temporal: 0 }
  const counted = <T extends object>(target: T, to: keyof typeof calls): T =>
    new Proxy(target, {
      get(inner, name) {
        const value: unknown = Reflect.get(inner, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]): unknown => {
          calls[to] += 1
          return Reflect.apply(value, inner, args)
        }
      },
    })
  const stores = Object.entries(state).map(([name, store]: [string, unknown]) => [
    name,
    typeof store === 'object' && store !== null ? counted(store, 'state') : store,
  ])
  const workflow = counted(temporal.workflow, 'temporal')
  return {
    calls: () => calls,
    state: Object.fromEntries(stores) as State,
    temporal: new Proxy(temporal, {
      get: (inner, name) => (name === 'workflow' ? workflow : (Reflect.get(inner, name) as unknown)),
    }),
  }
}
