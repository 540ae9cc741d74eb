import { beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../dev/servers/lib/ports.ts'
import { openAlertReceiver, type AlertReceiver } from '../support/alert-receiver.ts'
import { holdfast, jsonOf } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { startMonitoring } from '../support/monitoring.ts'
import { startSignup, expectComplete, newPerson } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'

const SIGNUPS = 100

let world: World
let receiver: AlertReceiver
beforeAll(async () => {
  world = await openWorld()
  receiver = await openAlertReceiver()
})

describe('T1: every worker is gone', () => {
  it('is one alert, however many signups wait, and closes when one is back', async () => {
    const people = await Promise.all(
      Array.from({ length: SIGNUPS }, () => newPerson(world, { verified: false })),
    )
    for (const { identity } of people)
      await world.signups.notify({ tenant: 'aesthetic', identity, signedUpAt: new Date().toISOString() })
    const complete = await newPerson(world)
    await startSignup(world, complete)

    const watch = startMonitoring(world.env, receiver.url)
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
    expect(stdout).toContain('no-worker (critical): No worker polls holdfast-atproto')

    await world.startWorker()
    await eventually('it is over', () => receiver.heard().includes('no-worker closed'))
    await expectComplete(world, complete)
    await watch.stop()
    expect(receiver.heard()).toEqual(['no-worker opened', 'no-worker closed'])
    const after = await holdfast(world.env, 'alerts', 'atproto')
    expect(after.stdout).toMatch(/No open alerts\.[^]+no-worker +.+ago +.+ago/)
  })
})

describe('E13: Temporal is away', () => {
  it('is said, and nothing is said of workers nobody can ask about', async () => {
    receiver.messages.length = 0
    const address = `127.0.0.1:${await freePort()}`
    const watch = startMonitoring({ ...world.env, TEMPORAL_ADDRESS: address }, receiver.url)
    await eventually('it is said', () => receiver.messages.length > 0)
    await watch.stop()
    expect(receiver.heard()).toEqual(['temporal-unreachable opened'])
    const back = startMonitoring(world.env, receiver.url)
    await eventually('it is over', () => receiver.heard().includes('temporal-unreachable closed'), 90_000)
    await back.stop()
  })
})
