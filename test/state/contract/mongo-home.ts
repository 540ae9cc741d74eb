import { randomBytes } from 'node:crypto'
import type { Db, Document } from 'mongodb'
import { connectMongo } from '../../../src/adapters/mongo/lib/connect.ts'
import type { System } from '../../../src/contracts/systems.ts'
import { createMongoState } from '../../../src/state/mongo/state.ts'
import type { Home, TestDatabase } from './home.ts'

/** MongoDB, with connections as a worker has them. */
export function mongoHome(uri: string, system: System, otherSystem: System): Home {
  return {
    name: `MongoDB, state of ${system}`,
    kind: 'mongodb',
    system,
    otherSystem,
    unreachable: 'mongo-unreachable',
    denied: 'mongo-denied',
    storeName: (store) => `holdfast_${store}`,
    create: () => createDatabase(uri),
    openUnreachable: () =>
      createMongoState(
        connectMongo({ uri: 'mongodb://127.0.0.1:1/?directConnection=true', db: 'nowhere', selectMs: 200 })
          .db,
        system,
      ),
  }
}

async function createDatabase(uri: string): Promise<TestDatabase> {
  const name = `contract_${randomBytes(6).toString('hex')}`
  const connections = [connectMongo({ uri, db: name })]
  const [{ db }] = connections as [(typeof connections)[0]]
  const secrets = db.collection<{ _id: string; value?: string; list?: string[] }>('app_secrets')
  return {
    async open(system) {
      const connection = connectMongo({ uri, db: name })
      connections.push(connection)
      return createMongoState(connection.db, system)
    },
    age: (ms) => ageAll(db, ms),
    // This write is acknowledged once the majority has it, and with it all that was written before.
    written: async () =>
      void (await secrets.updateOne({ _id: 'written' }, { $set: { value: '' } }, { upsert: true })),
    secrets: {
      field: {
        collection: 'app_secrets',
        path: 'value',
        context: { collection: 'app_secrets', field: 'value' },
        isSampled: true,
      },
      put: async (_id, value) =>
        void (await secrets.updateOne({ _id }, { $set: { value } }, { upsert: true })),
      get: async (_id) => (await secrets.findOne({ _id }))?.value ?? null,
      list: {
        collection: 'app_secrets',
        path: 'list',
        context: { collection: 'app_secrets', field: 'list' },
        isSampled: true,
      },
      putList: async (_id, values) =>
        void (await secrets.updateOne({ _id }, { $set: { list: [...values] } }, { upsert: true })),
    },
    async drop() {
      await db.dropDatabase()
      await Promise.all(connections.map(({ client }) => client.close()))
    },
  }
}

async function ageAll(db: Db, ms: number): Promise<void> {
  for (const { collectionName } of await db.collections()) {
    const collection = db.collection(collectionName)
    for (const document of await collection.find().toArray())
      await collection.replaceOne({ _id: document['_id'] }, earlier(document, ms) as Document)
  }
}

/** The same value with every time in it that much earlier. */
function earlier(value: unknown, ms: number): unknown {
  if (value instanceof Date) return new Date(value.getTime() - ms)
  if (Array.isArray(value)) return value.map((one) => earlier(one, ms))
  if (typeof value !== 'object' || value === null || '_bsontype' in value) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, earlier(one, ms)]))
}
