import { randomUUID } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAlerts, type Alerts } from '../../src/adapters/notify/alerts.ts'
import { createAlertStore } from '../../src/state/mongo/alerts.ts'
import { createUnstoredAlerts } from '../../src/client/unstored-alerts.ts'
import type { AlertFinding, AlertMessage } from '../../src/contracts/alerts.ts'
import type { AlertSource } from '../../src/domain/alert-sources.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import { dependencyCheck } from '../../src/http/dependency-checks.ts'
import { runMonitor } from '../../src/http/monitor.ts'
import { createLogger } from '../../src/logging.ts'
import { eventually } from '../support/eventually.ts'
import { channelOf } from '../support/channel-of.ts'
import { openWorld, type World } from '../support/world.ts'
import type { AlertStore } from '../../src/state/ports/alerts.ts'

const logger = createLogger('test', 'silent')

let world: World
/** The lead over the machine's clock, set by the test. */
let laterMs = 0
let store: AlertStore
let heard: string[] = []
let channel: (message: AlertMessage) => Promise<void>
beforeAll(async () => {
  world = await openWorld()
  store = createAlertStore(world.db, 'atproto', () => new Date(Date.now() + laterMs))
})
beforeEach(async () => {
  await world.db.collection('holdfast_alerts').deleteMany({})
  laterMs = 0
  heard = []
  channel = ({ name, state }) => {
    heard.push(`${name} ${state}`)
    return Promise.resolve()
  }
})

const alertsOf = (source: AlertSource): Alerts =>
  createAlerts({
    source,
    store,
    unstored: createUnstoredAlerts(world.temporal, 'atproto'),
    channels: [channelOf((message) => channel(message))],
    routing: () => [{ channel: 'http', notBefore: null }],
    raiseAfterMs: 4 * 3_600_000,
    log: () => {},
    warn: () => {},
  })

const found = (name: AlertFinding['name'], about?: string): AlertFinding => ({
  name,
  ...(about === undefined ? {} : { about }),
  count: 0,
  since: new Date(0).toISOString(),
})
/** One check by a source, and the messages it caused. */
const look = async (alerts: Alerts, ...findings: AlertFinding[]): Promise<string[]> => {
  const scope = ['pds-unreachable', 'tokens-refused'] as const
  const said = await alerts.reconcile({ system: 'atproto', scope, findings, lookedAt: new Date() })
  return said.map(({ name, state }) => `${name} ${state}`)
}

describe('T10: a cause that one source finds and another does not', () => {
  it('is one alert, open until the last of them no longer finds it', async () => {
    const [a, b, watch] = [alertsOf('server-a'), alertsOf('server-b'), alertsOf('workers')]
    expect(await look(a, found('pds-unreachable'))).toEqual(['pds-unreachable opened'])
    for (const well of [b, watch, b]) expect(await look(well)).toEqual([])
    expect(await look(watch, found('pds-unreachable'))).toEqual([])
    expect(await look(a)).toEqual([])
    expect(await look(watch)).toEqual(['pds-unreachable closed'])
  })

  it('is closed by another once the server that found it has not looked for half a minute', async () => {
    const [ended, next] = [alertsOf('server-a'), alertsOf('server-b')]
    await look(ended, found('tokens-refused', 'aesthetic'))
    expect(await look(next)).toEqual([])
    laterMs = 31_000
    expect(await look(next)).toEqual(['tokens-refused closed'])
  })

  it('is closed for one tenant while another of the same name goes on', async () => {
    const server = alertsOf('server-a')
    await look(server, found('tokens-refused', 'aesthetic'), found('tokens-refused', 'sotce'))
    expect(await look(server, found('tokens-refused', 'sotce'))).toEqual(['tokens-refused closed'])
  })

  it('pds-unreachable of two servers: one saw it before and is well, the other fails on', async () => {
    const failing = [true, true]
    const looks = [0, 0]
    const ending = new AbortController()
    const servers = [0, 1].map((n) => {
      const ping = (): Promise<void> => {
        looks[n] = (looks[n] ?? 0) + 1
        return failing[n] === true
          ? Promise.reject(new OutsideError('pds-unreachable', 'of the test'))
          : Promise.resolve()
      }
      const check = dependencyCheck({
        name: 'pds',
        system: 'atproto',
        temporal: world.temporal,
        logger,
        ping,
      })
      const alerts = alertsOf(`server-${randomUUID()}`)
      return runMonitor(
        { system: 'atproto', checks: [check], alerts, logger, everyMs: 20, alertAfterMs: 0 },
        ending.signal,
      )
    })
    const pass = async (): Promise<void> => {
      const until = looks.map((count) => count + 3)
      await eventually('both look three times', () => until.every((count, n) => (looks[n] ?? 0) >= count))
    }
    try {
      await eventually('it is said', () => heard.includes('pds-unreachable opened'))
      await pass()
      failing[0] = false
      await pass()
      failing[1] = false
      await eventually('it is over', () => heard.includes('pds-unreachable closed'))
      failing[1] = true
      await eventually('it is said again', () => heard.length === 3)
      await pass()
    } finally {
      ending.abort()
      await Promise.all(servers)
    }
    expect(heard).toEqual(['pds-unreachable opened', 'pds-unreachable closed', 'pds-unreachable opened'])
  })
})

describe('T10: a channel that takes nothing', () => {
  it('is asked once by a delivery, and keeps the newest messages of an alert', async () => {
    const server = alertsOf('server-a')
    for (let n = 0; n < 15; n += 1) {
      await look(server, found('pds-unreachable'), found('tokens-refused', 'aesthetic'))
      await look(server, found('tokens-refused', 'aesthetic'))
    }
    let asked = 0
    channel = () => {
      asked += 1
      return Promise.reject(new Error('down'))
    }
    expect(await server.deliver()).toBe(21)
    expect(asked).toBe(1)

    const names: string[] = []
    channel = ({ name }) => {
      names.push(name)
      return Promise.resolve()
    }
    expect(await server.deliver()).toBe(0)
    expect(names).toHaveLength(21)
  })

  it('does not delay the next look, and ends with the monitor', async () => {
    let release = (): void => {}
    channel = () => new Promise((resolve) => (release = resolve))
    const alerts = alertsOf('server-a')
    await look(alerts, found('pds-unreachable'))
    let looks = 0
    const check = {
      name: 'of the test',
      run: () => {
        looks += 1
        return Promise.resolve({ findings: [], closable: [] })
      },
    }
    const ending = new AbortController()
    const ended = runMonitor(
      { system: 'atproto', checks: [check], alerts, logger, everyMs: 10 },
      ending.signal,
    )
    try {
      await eventually('it goes on looking', () => looks > 3)
    } finally {
      ending.abort()
      release()
      await ended
    }
  })
})
