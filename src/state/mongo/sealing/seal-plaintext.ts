import type { Db } from 'mongodb'
import type { Keyring } from '../../../crypto/keyring.ts'
import { sealing } from '../../lib/changed-value.ts'
import { updateValues, countPlaintextValues } from './values.ts'
import type { EncryptedField, PlaintextCount, SealOutcome } from '../../ports/sealed-values.ts'

/** The values in plain text, per field. */
export function countPlaintext(db: Db, fields: readonly EncryptedField[]): Promise<PlaintextCount[]> {
  return Promise.all(
    fields.map(async (place) => ({
      collection: place.collection,
      field: place.path,
      plain: await countPlaintextValues(db, place),
    })),
  )
}

/**
 * Seals with the first key the plain-text values of these fields. A value that changes meanwhile is skipped and
 * counted as plain; this may run beside everything else, and be repeated.
 */
export async function sealPlaintext(
  db: Db,
  keyring: Keyring,
  fields: readonly EncryptedField[],
): Promise<SealOutcome[]> {
  const done: SealOutcome[] = []
  for (const place of fields) {
    const { changed } = await updateValues(db, place, 'plain', sealing(keyring))
    const plain = await countPlaintextValues(db, place)
    done.push({ collection: place.collection, field: place.path, sealed: changed, plain })
  }
  return done
}
