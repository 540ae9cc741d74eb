import { MongoNetworkTimeoutError, MongoServerError, type Db } from 'mongodb'
import { expect, it } from 'vitest'
import { createCodeIndex } from '../../../src/adapters/mongo/code-index.ts'

const MINUTE_MS = 60_000

it.each([
  ['building', new MongoNetworkTimeoutError('the connection timed out')],
  ['duplicates', new MongoServerError({ code: 11_000, keyPattern: { code: 1 } })],
])(
  'M2: while the index cannot be made (%s), signups go on, and it is seldom tried again',
  async (fault, error) => {
    let time = 0
    let tries = 0
    const users = {
      listIndexes: () => ({ toArray: () => Promise.resolve([{ name: '_id_', key: { _id: 1 } }]) }),
      createIndex: () => {
        tries += 1
        return Promise.reject(error)
      },
    }
    const index = createCodeIndex({ collection: () => users } as unknown as Db, () => time)
    for (; time < 9 * MINUTE_MS; time += MINUTE_MS)
      expect(await index.ensureUnique()).toEqual({ by: 'reservation', lacking: { fault } })
    expect(tries).toBe(1)
    time += 2 * MINUTE_MS
    await index.ensureUnique()
    expect(tries).toBe(2)
  },
)
