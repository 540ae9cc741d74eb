import type { Collection, Db } from 'mongodb'

/** Collection methods that write. */
export const WRITES = new Set([
  'insertOne',
  'updateOne',
  'updateMany',
  'deleteOne',
  'deleteMany',
  'bulkWrite',
])

/** The same database, with each `findOne` and each write passed through `around`, by `<collection>.<method>`. */
export function interceptCollections(
  db: Db,
  around: (name: string, call: () => Promise<unknown>) => Promise<unknown>,
): Db {
  const wrapped = (collection: Collection): Collection =>
    new Proxy(collection, {
      get(target, method) {
        const value: unknown = Reflect.get(target, method)
        if (typeof value !== 'function') return value
        const call = value.bind(target) as (...args: unknown[]) => Promise<unknown>
        const name = String(method)
        if (name !== 'findOne' && !WRITES.has(name)) return call
        return (...args: unknown[]) => around(`${target.collectionName}.${name}`, () => call(...args))
      },
    })
  return new Proxy(db, {
    get(target, name) {
      if (name === 'collection') return (of: string) => wrapped(target.collection(of))
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

export function isWrite(name: string): boolean {
  return WRITES.has(name.split('.')[1] ?? '')
}

/** The same database, in which MongoDB itself delays each document that an aggregate or a `findOne` reads. */
export function slowAtEachDocument(db: Db, ms: number): Db {
  const slowly = { $function: { body: `function () { sleep(${ms}); return true }`, args: [], lang: 'js' } }
  const slow = (collection: Collection): Collection =>
    new Proxy(collection, {
      get(target, method) {
        if (method === 'aggregate')
          return (pipeline: object[], options: object) =>
            target.aggregate([{ $match: { $expr: slowly } }, ...pipeline], options)
        if (method === 'findOne')
          return (filter: object, options: object) => target.findOne({ $expr: slowly, ...filter }, options)
        const value: unknown = Reflect.get(target, method)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
  return new Proxy(db, {
    get(target, name) {
      if (name === 'collection') return (of: string) => slow(target.collection(of))
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
