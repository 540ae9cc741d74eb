import { setTimeout as sleep } from 'node:timers/promises'
import { MongoNetworkError, type Collection, type Db } from 'mongodb'

/** A database whose every operation can be made to fail, after a configurable time. */
export interface FailingDb {
  readonly db: Db
  /** From now on each operation fails after this many milliseconds; null ends the failures. */
  failAfter(ms: number | null): void
}

/** Chained by the caller before any request is sent to the server. */
const CURSORS = new Set(['find', 'aggregate', 'listIndexes', 'listCollections'])
const ASKS = new Set(['toArray', 'next', 'hasNext', 'forEach', 'tryNext'])

/** Placed between the adapters and the driver, so that circuit breakers and time-outs are the project's own. */
export function failingDb(real: Db): FailingDb {
  let delay: number | null = null
  const fail = async (ms: number): Promise<never> => {
    await sleep(ms)
    throw new MongoNetworkError('made to fail')
  }
  const deadCursor = (ms: number): object => {
    const cursor: object = new Proxy(
      {},
      {
        get: (_, name) => {
          if (name === 'then') return undefined
          if (name === Symbol.asyncIterator) return () => ({ next: () => fail(ms) })
          return ASKS.has(String(name)) ? () => fail(ms) : () => cursor
        },
      },
    )
    return cursor
  }
  const failing = (collection: Collection): Collection =>
    new Proxy(collection, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]): unknown => {
          if (delay === null) return Reflect.apply(value, target, args)
          return CURSORS.has(String(name)) ? deadCursor(delay) : fail(delay)
        }
      },
    })
  const db = {
    databaseName: real.databaseName,
    collection: (name: string, options?: object) => failing(real.collection(name, options)),
  }
  return { db: db as unknown as Db, failAfter: (ms) => void (delay = ms) }
}
