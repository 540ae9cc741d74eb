import { MongoClient, type Db } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { assessCodeIndex } from '../../../src/adapters/mongo/code-index.ts'
import { createPersonMemory } from '../../../src/state/mongo/atproto/person-memory.ts'
import { sharedCodes } from '../../../src/adapters/mongo/shared-codes.ts'
import { slowAtEachDocument } from '../../support/faults/intercept-collections.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

/** Far less than a pass over the three people takes, and than the eight-second limit of an ordinary call. */
const IMPATIENT_MS = 100
const EACH_MS = 200

let world: World
let client: MongoClient
/** The connections have the short time-out of ordinary calls. */
let db: Db
beforeAll(async () => {
  world = await openWorld()
  client = new MongoClient(world.env['MONGODB_URI'] ?? '', { socketTimeoutMS: IMPATIENT_MS })
  db = slowAtEachDocument(client.db(world.db.databaseName), EACH_MS)
})
afterAll(() => client.close())
beforeEach(async () => {
  const { users } = collections(world.db)
  await users.deleteMany({})
  await users.insertMany([
    { _id: 'auth0|a', code: 'ac26babab', atproto: { did: 'did:plc:a' } },
    { _id: 'auth0|b', code: 'ac26babab' },
    { _id: 'auth0|c', code: 'ac26cicic' },
  ])
})

describe('M7: a pass over a collection that takes long', () => {
  it('is not ended by the time-out of an ordinary call', async () => {
    expect(await sharedCodes(db, { withinMs: 60_000, most: 20, people: 5 })).toEqual([
      { code: 'ac26babab', count: 2, identities: ['auth0|a', 'auth0|b'] },
    ])
    expect(await assessCodeIndex(db)).toMatchObject({ detail: { fault: 'duplicates' } })
    const { belongsToAnother } = createPersonMemory(db)
    expect(await belongsToAnother('auth0|b', 'did:plc:a')).toBe(true)
    expect(await belongsToAnother('auth0|a', 'did:plc:a')).toBe(false)
  })

  it('is ended by the server in its own time, as a named problem', async () => {
    await expect(sharedCodes(db, { withinMs: EACH_MS, most: 20 })).rejects.toMatchObject({
      problem: 'mongo-slow',
      detail: { collection: 'users', action: 'aggregate', limit: '0.2 seconds' },
    })
  })

  it('leaves the index assessed as far as it is known', async () => {
    expect(await assessCodeIndex(db, EACH_MS)).toEqual({
      state: 'not-equivalent',
      unique: false,
      detail: { fault: 'not-looked-through', limit: '0.2 seconds' },
    })
  })
})
