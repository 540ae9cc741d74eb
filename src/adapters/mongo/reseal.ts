import type { Collection, Db, Document } from 'mongodb'
import { keyIdOf, type Keyring } from '../../crypto/keyring.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { inMongo } from './errors.ts'
import { SEALED_PLACES, type SealedPlace } from './sealed-places.ts'

const PAGE = 200

interface Sealed extends Document {
  _id: string
  /** As it lies there: one sealed value, or a list of them; a plain value is left as it is. */
  value?: unknown
}

export interface Resealed {
  readonly collection: string
  readonly field: string
  /** Values sealed anew. */
  readonly resealed: number
  /** Values that no key of the ring opens; they are left as they are. */
  readonly unopened: number
  /** What lies there now: how many values each key sealed. */
  readonly keys: Readonly<Record<string, number>>
}

/**
 * Seals anew, with the first key, whatever another key of the ring sealed. A value that somebody changes meanwhile
 * is left to them, so it may run beside everything; stopped half-way it is simply run again.
 */
export async function resealAll(db: Db, keyring: Keyring): Promise<Resealed[]> {
  const done: Resealed[] = []
  for (const place of SEALED_PLACES) done.push(await resealPlace(db, keyring, place))
  return done
}

async function resealPlace(db: Db, keyring: Keyring, place: SealedPlace): Promise<Resealed> {
  const { collection: name, path } = place
  const collection = db.collection<Sealed>(name)
  let resealed = 0
  let unopened = 0
  let after: string | null = null
  for (;;) {
    const page: Sealed[] = await inMongo(name, 'find', () => nextPage(collection, path, after))
    for (const { _id, value } of page) {
      const fresh = sealedAnew(keyring, place, _id, value)
      unopened += fresh.unopened
      if (fresh.resealed === 0) continue
      const { modifiedCount } = await inMongo(name, 'update', () =>
        collection.updateOne({ _id, [path]: value }, { $set: { [path]: fresh.value } }),
      )
      if (modifiedCount > 0) resealed += fresh.resealed
    }
    const last = page.at(-1)
    if (last === undefined) break
    after = last._id
  }
  const keys = await inMongo(name, 'find', () => keysIn(collection, path))
  return { collection: name, field: path, resealed, unopened, keys }
}

/** Sealed values begin with their form, which a range of strings finds in lists too. */
const ANY_SEALED = { $gte: 'hf1.', $lt: 'hf1/' }

function nextPage(collection: Collection<Sealed>, path: string, after: string | null): Promise<Sealed[]> {
  return collection
    .find({ ...(after === null ? {} : { _id: { $gt: after } }), [path]: ANY_SEALED })
    .sort({ _id: 1 })
    .limit(PAGE)
    .project<Sealed>({ value: `$${path}` })
    .toArray()
}

function sealedAnew(
  keyring: Keyring,
  { bound }: SealedPlace,
  person: string,
  value: unknown,
): { value: unknown; resealed: number; unopened: number } {
  if (Array.isArray(value)) {
    const parts = value.map((part: unknown) => sealedAnew(keyring, { ...NOWHERE, bound }, person, part))
    return {
      value: parts.map((part) => part.value),
      resealed: parts.reduce((sum, part) => sum + part.resealed, 0),
      unopened: parts.reduce((sum, part) => sum + part.unopened, 0),
    }
  }
  const keyId = typeof value === 'string' ? keyIdOf(value) : null
  if (typeof value !== 'string' || keyId === null || keyId === keyring.writer)
    return { value, resealed: 0, unopened: 0 }
  try {
    const place = { ...bound, person }
    return { value: keyring.seal(keyring.open(value, place), place), resealed: 1, unopened: 0 }
  } catch (error) {
    if (error instanceof OutsideError && error.problem === 'seal-broken')
      return { value, resealed: 0, unopened: 1 }
    throw error
  }
}

const NOWHERE = { collection: '', path: '' }

/** Counted by the server, after the work: what others wrote meanwhile is in it. */
async function keysIn(collection: Collection<Sealed>, path: string): Promise<Record<string, number>> {
  const found = await collection
    .aggregate<{ _id: string; count: number }>([
      { $match: { [path]: ANY_SEALED } },
      { $project: { value: `$${path}` } },
      { $unwind: '$value' }, // a value that is no list is its own only element
      { $match: { value: ANY_SEALED } },
      { $group: { _id: { $arrayElemAt: [{ $split: ['$value', '.'] }, 1] }, count: { $sum: 1 } } },
      { $sort: { _id: 1 } },
    ])
    .toArray()
  return Object.fromEntries(found.map(({ _id, count }) => [_id, count]))
}
