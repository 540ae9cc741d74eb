import { MongoClient } from 'mongodb'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startMongo } from '../../dev/servers/mongo/mongo.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { startSignup, expectComplete, label, newPerson, retry, type Person } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'

/** Cosmos DB's error code for too many requests; MongoDB itself uses 462. */
const REQUEST_RATE_TOO_LARGE = 16_500
const WRITES = ['insert', 'update', 'delete', 'findAndModify', 'commitTransaction']

let world: World
let admin: MongoClient
beforeAll(async () => {
  const mongo = await startMongo({ progress, failPoints: true })
  atEnd(() => mongo.stop())
  admin = new MongoClient(mongo.uri)
  atEnd(() => admin.close())
  world = await openWorld({ mongoUri: mongo.uri })
  await world.startWorker()
})
afterEach(() => failWrites('off', {}))

/** Only for the client of Holdfast, so that the test's own client still works. */
async function failWrites(mode: 'alwaysOn' | 'off' | { times: number }, how: Record<string, unknown>) {
  const data = mode === 'off' ? {} : { data: { failCommands: WRITES, appName: 'holdfast', ...how } }
  await admin.db('admin').command({ configureFailPoint: 'failCommand', mode, ...data })
}

/** Every problem that the status showed until this one appeared. */
async function problemsUntil(person: Person, name: string): Promise<Set<string>> {
  const told = new Set<string>()
  await eventually(
    name,
    async () => {
      const status = await world.reader.status(world.idOf(person.identity))
      if (status?.problem) told.add(status.problem.name)
      return told.has(name)
    },
    120_000,
  )
  return told
}

describe('M7: MongoDB is slow, or throttles', () => {
  it('each write a second late: signups take longer, and nothing else', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, () => newPerson(world, { handle: label() })))
    await failWrites('alwaysOn', { blockConnection: true, blockTimeMS: 1_000 })
    for (const person of people) await startSignup(world, person)
    for (const person of people) {
      await expectComplete(world, person, { timeoutMs: 120_000 })
      const history = await world.temporal.workflow.getHandle(world.idOf(person.identity)).fetchHistory()
      expect(JSON.stringify(history)).not.toContain('SignupProblem')
    }
  })

  it('writes that are throttled: it is told, tried again at growing intervals, and completes, everything once', async () => {
    const person = await newPerson(world)
    await failWrites('alwaysOn', { errorCode: REQUEST_RATE_TOO_LARGE })
    await startSignup(world, person)
    expect(await problemsUntil(person, 'mongo-throttled')).toEqual(new Set(['mongo-throttled']))
    await failWrites('off', {})
    await expectComplete(world, person)
  })

  it('writes later than any step may last: it is told, and nothing is done twice when they come through', async () => {
    const person = await newPerson(world)
    await failWrites('alwaysOn', { blockConnection: true, blockTimeMS: 20_000 })
    await startSignup(world, person)
    // A call without an answer after this time counts as unanswered: the circuit breaker opens, and later calls fail
    // fast.
    expect(await problemsUntil(person, 'mongo-unreachable')).toEqual(new Set(['mongo-unreachable']))
    await failWrites('off', {})
    await retry(world, person)
    await expectComplete(world, person, { timeoutMs: 120_000 })
  })
})
