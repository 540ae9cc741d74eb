import { MongoClient } from 'mongodb'
import type { Db } from 'mongodb'
import { expect, test } from 'vitest'
import { dataDirectory } from '../../../dev/servers/lib/data-dir.ts'
import { startMongo } from '../../../dev/servers/mongo/mongo.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { listening, portOf } from './support.ts'

async function withDb<T>(uri: string, work: (db: Db, client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 20_000 })
  try {
    return await work(client.db(), client)
  } finally {
    await client.close()
  }
}

test('it is a replica set that does transactions, in the database it was asked for', async () => {
  const mongo = await startMongo({ dbName: 'app', progress })
  try {
    await withDb(mongo.uri, async (db, client) => {
      expect(db.databaseName).toBe('app')
      await client.withSession((session) =>
        session.withTransaction(async () => void (await db.collection('a').insertOne({ n: 1 }, { session }))),
      )
      expect(await db.collection('a').countDocuments()).toBe(1)
    })
  } finally {
    await mongo.stop()
  }
  expect(await listening(portOf(mongo.uri))).toBe(false)
})

test('after a step-down it is primary again by itself', async () => {
  const mongo = await startMongo({ progress })
  try {
    await withDb(mongo.uri, async (db) => {
      await mongo.stepDown(1)
      await db.collection('a').insertOne({ n: 1 })
      expect(await db.collection('a').countDocuments()).toBe(1)
    })
  } finally {
    await mongo.stop()
  }
})

test('killed and restarted it has what was acknowledged', async () => {
  const mongo = await startMongo({ progress })
  try {
    await withDb(mongo.uri, (db) =>
      db.collection('a').insertOne({ n: 1 }, { writeConcern: { w: 'majority' } }),
    )
    await mongo.kill()
    await mongo.restart()
    expect(await withDb(mongo.uri, (db) => db.collection('a').countDocuments())).toBe(1)
  } finally {
    await mongo.stop()
  }
})

test('a role that may only read is refused as in production', async () => {
  const mongo = await startMongo({ auth: { user: 'admin', password: 'p@ss/word' }, progress })
  try {
    await withDb(mongo.uri, (db) => db.command({ createUser: 'reader', pwd: 'r', roles: ['read'] }))
    await withDb(mongo.uriFor('reader', 'r', mongo.dbName), async (db) => {
      await expect(db.collection('a').insertOne({ n: 1 })).rejects.toMatchObject({
        code: 13,
        codeName: 'Unauthorized',
      })
      await expect(db.collection('a').createIndex({ n: 1 })).rejects.toMatchObject({ code: 13 })
      expect(await db.collection('a').countDocuments()).toBe(0)
    })
    await withDb(`mongodb://127.0.0.1:${portOf(mongo.uri)}/`, (db) =>
      expect(db.collection('a').countDocuments()).rejects.toMatchObject({ code: 13 }),
    )
  } finally {
    await mongo.stop()
  }
})

test.each([undefined, { user: 'admin', password: 'secret' }])(
  'data that was kept is there at the next start, on another port (login: %j)',
  async (auth) => {
    const data = await dataDirectory(undefined, 'test-mongo')
    const options = { dataDir: data.path, progress, ...(auth ? { auth } : {}) }
    try {
      const first = await startMongo(options)
      await withDb(first.uri, (db) => db.collection('a').insertOne({ n: 1 }))
      await first.stop()
      const second = await startMongo(options)
      try {
        expect(second.uri).not.toBe(first.uri)
        expect(await withDb(second.uri, (db) => db.collection('a').countDocuments())).toBe(1)
      } finally {
        await second.stop()
      }
    } finally {
      await data.remove()
    }
  },
)

test('two starts at once do not disturb each other', async () => {
  const servers = await Promise.all([1, 2].map(() => startMongo({ progress })))
  try {
    for (const { uri } of servers) await withDb(uri, (db) => db.collection('a').insertOne({ n: 1 }))
    for (const { uri } of servers)
      expect(await withDb(uri, (db) => db.collection('a').countDocuments())).toBe(1)
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
})
