import { beforeAll, describe, expect, it } from 'vitest'
import { createAlertHook } from '../../src/adapters/alert-hook.ts'
import { createAlerts, type Alerts } from '../../src/adapters/alerts.ts'
import { createAlertStore } from '../../src/adapters/mongo/alerts.ts'
import { lazyTemporal } from '../../src/client/temporal.ts'
import { loadConfig } from '../../src/config.ts'
import { freePort } from '../../src/embedded/ports.ts'
import { watchWorkers } from '../../src/http/worker-watch.ts'
import { createLogger } from '../../src/logging.ts'
import { openAlertReceiver, type AlertReceiver } from '../support/alert-receiver.ts'
import { holdfast, jsonOf } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { begin, expectComplete, newPerson } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'

const SIGNUPS = 100

let world: World
let receiver: AlertReceiver
let alerts: Alerts
beforeAll(async () => {
  world = await openWorld()
  receiver = await openAlertReceiver()
  alerts = createAlerts({
    store: createAlertStore(world.db),
    channel: createAlertHook(receiver.url),
    log: () => {},
  })
})

/** The server's watch, quick enough for a test, until `stop`. */
function watching(temporal = world.temporal): { stop(): Promise<void> } {
  const ending = new AbortController()
  const logger = createLogger('test', 'silent')
  const ended = watchWorkers({ temporal, alerts, logger, everyMs: 100, patienceMs: 300 }, ending.signal)
  return {
    stop() {
      ending.abort()
      return ended
    },
  }
}

describe('T1: every worker is gone', () => {
  it('is one alert, however many signups wait, and closes when one is back', async () => {
    const people = await Promise.all(
      Array.from({ length: SIGNUPS }, () => newPerson(world, { verified: false })),
    )
    for (const { identity } of people)
      await world.signups.tell({ tenant: 'aesthetic', identity, signedUpAt: new Date().toISOString() })
    const complete = await newPerson(world)
    await begin(world, complete)

    const watch = watching()
    await eventually('it is said', () => receiver.messages.length > 0)
    await eventually('all of them are counted', async () => {
      const { document } = await jsonOf(world.env, 'alerts', 'atproto')
      return (document['alerts'] as { count: number }[])[0]?.count === SIGNUPS + 1
    })
    expect(receiver.messages).toMatchObject([
      { name: 'no-worker', state: 'opened', dedupKey: 'holdfast/atproto/no-worker' },
    ])
    expect(receiver.messages[0]?.sentence).toContain('No worker polls holdfast-atproto')
    expect(receiver.messages[0]?.fix).toContain('npm run worker')
    const { stdout } = await holdfast(world.env, 'alerts', 'atproto')
    expect(stdout).toContain('no-worker: No worker polls holdfast-atproto')

    await world.work()
    await eventually('it is over', () => receiver.heard().includes('no-worker closed'))
    await expectComplete(world, complete)
    await watch.stop()
    expect(receiver.heard()).toEqual(['no-worker opened', 'no-worker closed'])
    const after = await holdfast(world.env, 'alerts', 'atproto')
    expect(after.stdout).toMatch(/No alert is open\.[^]+no-worker +.+ago +.+ago/)
  })
})

describe('E13: Temporal is away', () => {
  it('is said, and nothing is said of workers nobody can ask about', async () => {
    receiver.messages.length = 0
    const address = `127.0.0.1:${await freePort()}`
    const nowhere = lazyTemporal(
      loadConfig(['temporal', 'keys'], { ...world.env, TEMPORAL_ADDRESS: address }),
    )
    const watch = watching(nowhere)
    await eventually('it is said', () => receiver.messages.length > 0)
    await watch.stop()
    await nowhere.connection.close()
    expect(receiver.heard()).toEqual(['temporal-unreachable opened'])
    const back = watching()
    await eventually('it is over', () => receiver.heard().includes('temporal-unreachable closed'))
    await back.stop()
  })
})
