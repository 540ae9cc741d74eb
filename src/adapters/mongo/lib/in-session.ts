import type { ClientSession, Collection, Db, MongoClient } from 'mongodb'

/** The position of the options of each method that may run in a transaction. Every other method is refused. */
const OPTIONS_AT: Readonly<Record<string, number>> = {
  find: 1,
  findOne: 1,
  insertOne: 1,
  insertMany: 1,
  deleteOne: 1,
  deleteMany: 1,
  countDocuments: 1,
  aggregate: 1,
  bulkWrite: 1,
  findOneAndDelete: 1,
  updateOne: 2,
  updateMany: 2,
  replaceOne: 2,
  distinct: 2,
  findOneAndUpdate: 2,
  findOneAndReplace: 2,
}

/**
 * The same database with every call in one session, for adapters that are written without a transaction around them. A
 * transaction that they begin themselves becomes part of the outer one; a call that cannot be in a transaction throws.
 */
export function inSession(db: Db, session: ClientSession): { client: MongoClient; db: Db } {
  const inner = {
    startTransaction: () => {},
    commitTransaction: async () => {},
    abortTransaction: async () => {},
  }
  return {
    db: {
      databaseName: db.databaseName,
      collection: (name: string) => bound(db.collection(name), session),
    } as unknown as Db,
    client: {
      withSession: (work: (session: unknown) => Promise<unknown>) => work(inner),
      close: async () => {},
    } as unknown as MongoClient,
  }
}

function bound(collection: Collection, session: ClientSession): Collection {
  return new Proxy(collection, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      const at = OPTIONS_AT[String(name)]
      return (...args: unknown[]): unknown => {
        if (at === undefined) throw new Error(`${String(name)} cannot be rolled back`)
        const given = [...args]
        while (given.length < at) given.push({})
        given[at] = { ...(given[at] as object | undefined), session }
        return Reflect.apply(value, target, given)
      }
    },
  })
}
