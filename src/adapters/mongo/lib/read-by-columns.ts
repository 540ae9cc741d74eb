import { randomUUID } from 'node:crypto'
import { MongoServerError, type Collection, type Document } from 'mongodb'
import { callMongo } from './errors.ts'

/**
 * A server must not build an answer of more than 16 MB: some versions then close the connection, which is no different
 * from an outage. So it is asked for the columns only up to this size; the rest is for the keys of the arrays.
 */
const MAX_BYTES = 12 * 2 ** 20
/** Arrays for which the server itself lacks memory: BSONObjectTooLarge, a full buffer, ExceededMemoryLimit. */
const TOO_LARGE = new Set<unknown>([10334, 13548, 146])
/** Stands in a column for a field that its document lacks: a text that no document has. */
const MISSING = randomUUID()

/**
 * Reads the given fields of the documents that `stages` select, as rows in their order. A row lacks a field that its
 * document lacks. MongoDB answers one document of parallel arrays, which takes the driver a fraction of the time of as
 * many documents; what would be too large for one is read as documents instead.
 */
export function readByColumns<T extends object>(
  collection: Pick<Collection, 'collectionName' | 'aggregate'>,
  stages: readonly Document[],
  fields: { readonly [name in keyof T]-?: `$${string}` },
): Promise<T[]> {
  const aggregate = (...last: Document[]) =>
    collection.aggregate([...stages, ...last], { allowDiskUse: true, batchSize: 10_000 }).toArray()
  return callMongo(collection.collectionName, 'aggregate', async () => {
    const columns = await orTooLarge(() => aggregate(...columnStages(fields)))
    if (columns !== null) return rowsOf<T>(Object.keys(fields), columns)
    return (await aggregate({ $project: { _id: 0, ...fields } })) as T[]
  })
}

/** The columns by name, empty without documents, or null where they are too large. */
async function orTooLarge(read: () => Promise<Document[]>): Promise<Document | null> {
  try {
    const [answer] = await read()
    return answer === undefined ? {} : (answer['columns'] as Document | null)
  } catch (error) {
    if (error instanceof MongoServerError && TOO_LARGE.has(error.code)) return null
    throw error
  }
}

function columnStages(fields: object): Document[] {
  const names = Object.keys(fields)
  // The group takes the name `_id` for itself.
  const columns = names.map((name) => [name, `$all_${name}`])
  const pushed = Object.entries(fields).map(([name, path]) => [
    `all_${name}`,
    { $push: orMissing(String(path)) },
  ])
  return [
    { $group: { _id: null, bytes: { $sum: { $bsonSize: fields } }, ...Object.fromEntries(pushed) } },
    {
      $project: { columns: { $cond: [{ $lte: ['$bytes', MAX_BYTES] }, Object.fromEntries(columns), null] } },
    },
  ]
}

/** `$push` leaves a missing value out, after which the columns would no longer be parallel. */
function orMissing(path: string): Document {
  const isMissing = { $in: [{ $type: path }, ['missing', 'undefined']] }
  return { $ifNull: [path, { $cond: [isMissing, MISSING, null] }] }
}

function rowsOf<T>(names: readonly string[], columns: Document): T[] {
  const all = names.map((name) => [name, (columns[name] ?? []) as unknown[]] as const)
  return Array.from({ length: all[0]?.[1].length ?? 0 }, (_, n) => {
    const row: Record<string, unknown> = {}
    for (const [name, column] of all) if (column[n] !== MISSING) row[name] = column[n]
    return row as T
  })
}
