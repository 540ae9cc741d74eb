import { randomBytes } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { beforeAll, describe, expect, it } from 'vitest'
import { startMongo, type MongoServer } from '../../../dev/servers/mongo/mongo.ts'
import { NEEDED_PRIVILEGES } from '../../../src/domain/atproto/mongo-role.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { atEnd } from '../../support/at-end.ts'
import { startSignup, expectComplete, meets, newPerson, retry } from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

describe('M2: an index that does not keep codes apart', () => {
  it('lets the signup through, and its status says which index it is and what to do', async () => {
    const world = await openWorld()
    await world.db.collection('users').createIndex({ code: 1 }, { name: 'code_1', sparse: true })
    await world.startWorker()
    const person = await newPerson(world)
    await startSignup(world, person)
    const { problem, notices } = await expectComplete(world, person)
    expect(problem).toBeNull()
    expect(notices).toHaveLength(1)
    expect(notices[0]).toContain('code_1 on users.code is not unique')
    expect(notices[0]).toContain('holdfast diagnose atproto --fix-index')
  })
})

describe('M4: the database is away', () => {
  let mongo: MongoServer
  let world: World
  beforeAll(async () => {
    mongo = await startMongo({ progress })
    atEnd(() => mongo.stop())
    world = await openWorld({ mongoUri: mongo.uri })
    await world.startWorker()
  })

  it('when its primary steps down: signups under way complete', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, () => newPerson(world)))
    await Promise.all(people.map((person) => startSignup(world, person)))
    await mongo.stepDown(2)
    for (const person of people) await expectComplete(world, person)
  })

  it('for a while: the signup says so and completes when it is back', async () => {
    const person = await newPerson(world)
    await mongo.kill()
    await startSignup(world, person)
    const { problem } = await meets(world, person, 'mongo-unreachable')
    expect(problem?.fix).toContain('MONGODB_URI')
    await mongo.restart()
    await expectComplete(world, person)
  })
})

describe('M6: our role may not do everything', () => {
  const MONGODB_DB = `roles_${randomBytes(4).toString('hex')}`
  const root = { user: 'root', password: 'of the tests' }
  let mongo: MongoServer
  let admin: MongoClient
  beforeAll(async () => {
    mongo = await startMongo({ progress, auth: root })
    atEnd(() => mongo.stop())
    admin = await new MongoClient(mongo.uri).connect()
    atEnd(() => admin.close())
  })

  interface Privilege {
    resource: { db: string; collection: string }
    actions: string[]
  }
  const COLLECTIONS = Object.keys(NEEDED_PRIVILEGES)
  const ALL = ['find', 'insert', 'update', 'remove', 'createIndex', 'listIndexes']

  /** All actions on all collections; `but` lists the only actions on a collection. */
  const privileges = (but: Record<string, string[]> = {}): Privilege[] =>
    COLLECTIONS.map((collection) => ({
      resource: { db: MONGODB_DB, collection },
      actions: but[collection] ?? ALL,
    }))

  const without = (...actions: string[]): string[] => ALL.filter((action) => !actions.includes(action))

  it.each([
    ['write users', { users: without('insert', 'update') }, 'users', 'insert'],
    ['create the index', { users: without('createIndex') }, 'users', 'createIndex'],
    ['look at the indexes', { users: without('listIndexes') }, 'users', 'listIndexes'],
    ['write verifications', { verifications: ['find'] }, 'verifications', 'update'],
    ['keep the ledger', { holdfast_verifications: ['find'] }, 'holdfast_verifications', 'update'],
    ['keep intents', { holdfast_intents: ['find'] }, 'holdfast_intents', 'insert'],
    ['look whether it is paused', { holdfast_switches: ['insert'] }, 'holdfast_switches', 'find'],
    ['read the handles', { '@handles': ['insert'] }, '@handles', 'find'],
  ] as const)('such as %s: it waits, names the grant, and completes when it is given', async (...row) => {
    const [, but, collection, action] = row
    const name = `role_${randomBytes(4).toString('hex')}`
    const db = admin.db(MONGODB_DB)
    await db.dropDatabase()
    await db.command({ createRole: name, privileges: privileges({ ...but } as never), roles: [] })
    await db.command({ createUser: name, pwd: 'a password', roles: [name] })
    const world = await openWorld({
      mongoUri: mongo.uri,
      env: { MONGODB_DB, MONGODB_URI: mongo.uriFor(name, 'a password', MONGODB_DB) },
    })
    const workers = await world.startWorker()
    const person = await newPerson(world)
    await startSignup(world, person)
    const { problem } = await meets(world, person, 'mongo-denied')
    expect(problem?.fix).toContain(`"${action}"`)
    expect(problem?.fix).toContain(`the collection ${collection},`)

    await db.command({ updateRole: name, privileges: privileges() })
    await retry(world, person)
    await expectComplete(world, person)
    await workers.stop()
  })
})
