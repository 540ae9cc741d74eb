import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { PRIORITY } from '../../src/contracts/priorities.ts'
import { taskQueueOf } from '../../src/contracts/systems.ts'
import type { WatchResult } from '../../src/contracts/watch.ts'
import { startMongo, type MongoServer } from '../../dev/servers/mongo/mongo.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { openAlertReceiver, type AlertReceiver } from '../support/alert-receiver.ts'
import { atEnd } from '../support/at-end.ts'
import { deletionsOf, ref } from '../support/deletion.ts'
import { eventually } from '../support/eventually.ts'
import { startSignup, newPerson, reaches, type Person } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'
import { patience } from '../support/patience.ts'

const SIGNUPS = 60
const DELETIONS = 5
const CHUNKS = 3
const IN_A_CHUNK = 10
/** The time-out after which Temporal ends a run; the schedule gives it four minutes. */
const LONGEST = '2m'

let mongo: MongoServer
let receiver: AlertReceiver
let world: World
beforeAll(async () => {
  mongo = await startMongo({ progress })
  atEnd(() => mongo.stop())
  receiver = await openAlertReceiver()
  world = await openWorld({ mongoUri: mongo.uri, env: { HOLDFAST_ALERT_URL: receiver.url } })
  await world.startWorker()
})

const watch = (): Promise<WatchResult> =>
  world.temporal.workflow.execute('watch', {
    taskQueue: taskQueueOf('atproto'),
    workflowId: `watch-${randomUUID()}`,
    workflowRunTimeout: LONGEST,
    priority: { priorityKey: PRIORITY.watch },
    args: [{ blockedMinutes: 0 }],
  }) as Promise<WatchResult>

const people = (count: number, verified = true): Promise<Person[]> =>
  Promise.all(Array.from({ length: count }, () => newPerson(world, { verified })))

describe('T9, M4: MongoDB hangs while signups, deletions and large deliveries wait for it', () => {
  it(
    'watch ends and its alert is out; when the database is back, everything goes on',
    async () => {
      const leaving = await people(DELETIONS, false)
      for (const person of leaving) await startSignup(world, person)
      for (const person of leaving) await reaches(world, person, 'waiting-for-verification')
      for (const { identity } of leaving) world.auth0.deleteUser(identity)
      await watch()

      process.kill(mongo.pid, 'SIGSTOP')
      let coming: Person[] = []
      let deletions: { workflowId: string; runId: string }[] = []
      try {
        const signups = await people(SIGNUPS, false)
        const chunks = await Promise.all(Array.from({ length: CHUNKS }, () => people(IN_A_CHUNK, false)))
        coming = [...signups, ...chunks.flat()]
        const signedUpAt = new Date().toISOString()
        for (const person of signups) await startSignup(world, person)
        for (const chunk of chunks)
          await world.signups.ingest(
            'aesthetic',
            chunk.map(({ identity }) => ({ identity, signedUpAt })),
          )
        deletions = await Promise.all(
          leaving.map((person) => deletionsOf(world).deletions.start(ref(person))),
        )

        const { dependencies, failures } = await watch()
        expect(dependencies.find(({ dependency }) => dependency === 'mongo')?.problem).toBe(
          'mongo-unreachable',
        )
        expect(failures).toEqual([])
        expect(receiver.heard()).toContain('mongo-unreachable opened')

        // Signups whose steps were never attempted, because the outage was known from others, also say what they wait
        // for.
        await eventually(
          'all are counted as blocked',
          async () => {
            const { blocked: found } = await watch()
            const blocked = found.find(({ problem }) => problem === 'mongo-unreachable')
            return blocked !== undefined && blocked.count >= coming.length
          },
          240_000,
        )
      } finally {
        process.kill(mongo.pid, 'SIGCONT')
      }
      await eventually(
        'it is over',
        async () => {
          await watch()
          return receiver.heard().includes('mongo-unreachable closed')
        },
        120_000,
      )
      for (const person of coming) await reaches(world, person, 'waiting-for-verification', 120_000)
      for (const { workflowId, runId } of deletions)
        expect(await world.temporal.workflow.getHandle(workflowId, runId).result()).toMatchObject({
          outcome: 'deleted',
        })
    },
    patience(600_000),
  )
})
