import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { plannedSchedules } from '../../src/client/planned-schedules.ts'
import { createSchedules } from '../../src/client/schedules.ts'
import { startWorker } from '../../dev/servers/holdfast-process.ts'
import { startMongo, type MongoServer } from '../../dev/servers/mongo/mongo.ts'
import { startPds, type PdsServer } from '../../dev/servers/pds/pds.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import type { EmbeddedServer } from '../../dev/servers/lib/server.ts'
import { openAlertReceiver, type AlertReceiver } from '../support/alert-receiver.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { startMonitoring } from '../support/monitoring.ts'
import { openWorld, type World } from '../support/world.ts'

/** The longest time until an alert is sent, whatever hangs. */
const MINUTE_MS = 60_000

let world: World
let receiver: AlertReceiver
let mongo: MongoServer
let pds: PdsServer
let worker: EmbeddedServer
beforeAll(async () => {
  ;[mongo, pds] = await Promise.all([
    startMongo({ progress }),
    startPds({ plcUrl: 'http://127.0.0.1:9', progress }), // no account is created here
  ])
  atEnd(() => mongo.stop())
  atEnd(() => pds.stop())
  receiver = await openAlertReceiver()
  world = await openWorld({
    mongoUri: mongo.uri,
    pdsUrl: pds.url,
    pdsAdminPassword: pds.adminPassword,
    env: { HOLDFAST_ALERT_URL: receiver.url },
  })
  // One run follows the other only where a server requests it.
  await createSchedules(world.temporal).apply(
    plannedSchedules('atproto', []).map((planned) => ({ ...planned, every: '1h' })),
  )
  const logDir = await mkdtemp(join(tmpdir(), 'holdfast-test-monitor-'))
  atEnd(() => rm(logDir, { recursive: true }))
  worker = await startWorker({ env: world.env, logDir, progress })
  atEnd(() => worker.stop())
  await eventually('the worker reports itself', () => world.db.collection('holdfast_workers').findOne({}))
})
beforeEach(() => {
  receiver.messages.length = 0
})

/** Runs two servers of one system until the end of `run`. */
async function withTwoServers(run: () => Promise<void>, patienceMs?: number): Promise<void> {
  const options = patienceMs === undefined ? {} : { patienceMs }
  const servers = [1, 2].map(() => startMonitoring(world.env, receiver.url, options))
  try {
    await run()
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

const heard = (what: string): Promise<unknown> =>
  eventually(what, () => receiver.heard().includes(what), MINUTE_MS)

/** Alerts that are open while the database is unavailable, according to Temporal. */
const unstored = async (): Promise<number> => {
  const { count } = await world.temporal.workflow.count(
    `WorkflowType = 'unstoredAlert' AND ExecutionStatus = 'Running'`,
  )
  return count
}

describe('T10: what the servers look at by themselves, two of them', () => {
  it('T1: a worker that hangs is one alert, which names it and closes when it goes on', async () => {
    await withTwoServers(async () => {
      process.kill(worker.pid, 'SIGSTOP')
      try {
        await heard('no-worker opened')
        expect(receiver.messages[0]?.sentence).toContain(`worker ${worker.pid}@`)
      } finally {
        process.kill(worker.pid, 'SIGCONT')
      }
      await heard('no-worker closed')
    })
    expect(receiver.heard()).toEqual(['no-worker opened', 'no-worker closed'])
  })

  it('a PDS that hangs is one alert, and closes', async () => {
    await withTwoServers(async () => {
      process.kill(pds.pid, 'SIGSTOP')
      try {
        await heard('pds-unreachable opened')
      } finally {
        process.kill(pds.pid, 'SIGCONT')
      }
      await heard('pds-unreachable closed')
    })
    expect(receiver.heard()).toEqual(['pds-unreachable opened', 'pds-unreachable closed'])
  })

  it.each(['hangs', 'refuses'])(
    'M4: a database that %s is one alert, and closes once it is back',
    async (how) => {
      await withTwoServers(async () => {
        if (how === 'hangs') process.kill(mongo.pid, 'SIGSTOP')
        else await mongo.kill()
        try {
          await heard('mongo-unreachable opened')
          await eventually('the other server has met it too', async () => (await unstored()) === 1)
        } finally {
          if (how === 'hangs') process.kill(mongo.pid, 'SIGCONT')
          else await mongo.restart()
        }
        await heard('mongo-unreachable closed')
        await eventually('nothing is left at Temporal', async () => (await unstored()) === 0)
      })
      expect(receiver.heard().filter((one) => one.startsWith('mongo-'))).toEqual([
        'mongo-unreachable opened',
        'mongo-unreachable closed',
      ])
    },
  )

  it('an alert sent by a server that ended in the outage is closed by the next one', async () => {
    await mongo.kill()
    const first = startMonitoring(world.env, receiver.url)
    await heard('mongo-unreachable opened')
    await first.stop()
    const second = startMonitoring(world.env, receiver.url)
    try {
      await eventually('the second has looked', async () => (await unstored()) === 1)
      await mongo.restart()
      await heard('mongo-unreachable closed')
    } finally {
      await second.stop()
    }
    expect(receiver.heard()).toEqual(['mongo-unreachable opened', 'mongo-unreachable closed'])
  })
})
