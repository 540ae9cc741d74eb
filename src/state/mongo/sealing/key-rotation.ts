import type { Db } from 'mongodb'
import type { Keyring } from '../../../crypto/keyring.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import { resealing } from '../../lib/changed-value.ts'
import { updateValues, countPlaintextValues, SEALED_RANGE } from './values.ts'
import type { EncryptedField, RotatedField } from '../../ports/sealed-values.ts'

/**
 * Seals again, with the first key, every value sealed by another key of the ring. A value that changes meanwhile is
 * skipped, so this may run beside everything else; an interrupted run is simply repeated.
 */
export async function rotateKeys(
  db: Db,
  keyring: Keyring,
  fields: readonly EncryptedField[],
): Promise<RotatedField[]> {
  const done: RotatedField[] = []
  for (const place of fields) done.push(await rotateField(db, keyring, place))
  return done
}

async function rotateField(db: Db, keyring: Keyring, place: EncryptedField): Promise<RotatedField> {
  const { changed, unopened } = await updateValues(db, place, 'sealed', resealing(keyring))
  const [plain, keys] = await Promise.all([countPlaintextValues(db, place), keysIn(db, place)])
  return { collection: place.collection, field: place.path, resealed: changed, unopened, plain, keys }
}

/** Counted by the server, after the work, so that values written meanwhile are included. */
function keysIn(db: Db, { collection, path }: EncryptedField): Promise<Record<string, number>> {
  return callMongo(collection, 'find', async () => {
    const found = await db
      .collection(collection)
      .aggregate<{ _id: string; count: number }>([
        { $match: { [path]: SEALED_RANGE } },
        { $project: { value: `$${path}` } },
        { $unwind: '$value' }, // a value that is no list counts as a list of one
        { $match: { value: SEALED_RANGE } },
        { $group: { _id: { $arrayElemAt: [{ $split: ['$value', '.'] }, 1] }, count: { $sum: 1 } } },
        { $sort: { _id: 1 } },
      ])
      .toArray()
    return Object.fromEntries(found.map(({ _id, count }) => [_id, count]))
  })
}
