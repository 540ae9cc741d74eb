import type { Db, Document } from 'mongodb'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import { changedValue, type UpdateCounts, type ValueChange } from '../../lib/changed-value.ts'
import type { EncryptedField } from '../../ports/sealed-values.ts'

const PAGE = 200

interface Stored extends Document {
  _id: string
  /** The stored form: one value, or a list of them. */
  value?: unknown
}

/** Sealed values begin with their format, so a range of strings finds them, also in lists. */
export const SEALED_RANGE = { $gte: 'hf1.', $lt: 'hf1/' }
/** Values in plain text; an empty string does not count. */
const PLAINTEXT = { $type: 'string', $ne: '', $not: SEALED_RANGE }

/** Documents with at least one value in plain text at the path, alone or in a list. */
const HOLDS_PLAINTEXT = (path: string): Document => ({
  _id: { $type: 'string' },
  $or: [{ [path]: PLAINTEXT }, { [path]: { $elemMatch: PLAINTEXT } }],
})
const HOLDS_SEALED = (path: string): Document => ({ [path]: SEALED_RANGE })

/**
 * Replaces values of one place, page by page; `change` returns null for a value that stays. A document that changes
 * meanwhile is skipped, so this may run beside everything else; an interrupted run is repeated.
 */
export async function updateValues(
  db: Db,
  place: EncryptedField,
  which: 'sealed' | 'plain',
  change: ValueChange,
): Promise<UpdateCounts> {
  const { collection: name, path, context } = place
  const collection = db.collection<Stored>(name)
  const filter = which === 'sealed' ? HOLDS_SEALED(path) : HOLDS_PLAINTEXT(path)
  let changed = 0
  let unopened = 0
  let after: string | null = null
  for (;;) {
    const from: Document = after === null ? {} : { _id: { $gt: after } }
    const page: Stored[] = await callMongo(name, 'find', () =>
      collection
        .find({ $and: [from, filter] })
        .sort({ _id: 1 })
        .limit(PAGE)
        .project<Stored>({ value: `$${path}` })
        .toArray(),
    )
    for (const { _id, value } of page) {
      const fresh = changedValue(value, { ...context, person: _id }, change)
      unopened += fresh.unopened
      if (fresh.changed === 0) continue
      const { modifiedCount } = await callMongo(name, 'update', () =>
        collection.updateOne({ _id, [path]: value }, { $set: { [path]: fresh.value } }),
      )
      if (modifiedCount > 0) changed += fresh.changed
    }
    const last = page.at(-1)
    if (last === undefined) return { changed, unopened }
    after = last._id
  }
}

/** The number of plain-text values of a place, counted by the server. */
export function countPlaintextValues(db: Db, { collection, path }: EncryptedField): Promise<number> {
  return callMongo(collection, 'aggregate', async () => {
    const [found] = await db
      .collection(collection)
      .aggregate<{ count: number }>([
        { $match: HOLDS_PLAINTEXT(path) },
        { $project: { value: `$${path}` } },
        { $unwind: '$value' }, // a value that is no list counts as a list of one
        { $match: { value: PLAINTEXT } },
        { $count: 'count' },
      ])
      .toArray()
    return found?.count ?? 0
  })
}
