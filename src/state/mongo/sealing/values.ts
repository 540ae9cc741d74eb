import type { Db, Document } from 'mongodb'
import type { EncryptionContext } from '../../../crypto/keyring.ts'
import { OutsideError } from '../../../domain/outside-error.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
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

export interface UpdateCounts {
  readonly changed: number
  /** Values that no key of the ring decrypts; they stay unchanged. */
  readonly unopened: number
}

/**
 * Replaces values of one place, page by page; `change` returns null for a value that stays. A document that changes
 * meanwhile is skipped, so this may run beside everything else; an interrupted run is repeated.
 */
export async function updateValues(
  db: Db,
  place: EncryptedField,
  which: 'sealed' | 'plain',
  change: (value: string, at: EncryptionContext) => string | null,
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
      const fresh = updatedValue(value, { ...context, person: _id }, change)
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

function updatedValue(
  value: unknown,
  at: EncryptionContext,
  change: (value: string, at: EncryptionContext) => string | null,
): UpdateCounts & { readonly value: unknown } {
  if (Array.isArray(value)) {
    const parts = value.map((part: unknown) => updatedValue(part, at, change))
    return {
      value: parts.map((part) => part.value),
      changed: parts.reduce((sum, part) => sum + part.changed, 0),
      unopened: parts.reduce((sum, part) => sum + part.unopened, 0),
    }
  }
  if (typeof value !== 'string') return { value, changed: 0, unopened: 0 }
  try {
    const fresh = change(value, at)
    return fresh === null ? { value, changed: 0, unopened: 0 } : { value: fresh, changed: 1, unopened: 0 }
  } catch (error) {
    if (error instanceof OutsideError && error.problem === 'seal-broken')
      return { value, changed: 0, unopened: 1 }
    throw error
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
