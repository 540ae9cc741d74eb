import type { Db } from 'mongodb'
import { isSealed, type Keyring } from '../../../crypto/keyring.ts'
import { ENCRYPTED_FIELDS, type EncryptedField } from './encrypted-fields.ts'
import { updateValues, countPlaintextValues } from './values.ts'

/** The configured storage of `users.atproto.password`; null where the environment does not name it. */
export type PasswordStorage = 'plain' | 'sealed' | null

export interface PlaintextCount {
  readonly collection: string
  readonly field: string
  /** Values in plain text. */
  readonly plain: number
}

export interface SealOutcome extends PlaintextCount {
  /** Values sealed by this run. */
  readonly sealed: number
}

/**
 * Whether a value in plain text is a fault there: everywhere, except where the configuration says plain, or names no
 * storage.
 */
export function mustBeSealed(place: Pick<EncryptedField, 'collection'>, storage: PasswordStorage): boolean {
  return place.collection !== 'users' || storage === 'sealed'
}

/** The values in plain text that have to be sealed, per field. */
export function countPlaintext(db: Db, storage: PasswordStorage): Promise<PlaintextCount[]> {
  return Promise.all(
    fieldsToSeal(storage).map(async (place) => ({
      collection: place.collection,
      field: place.path,
      plain: await countPlaintextValues(db, place),
    })),
  )
}

/**
 * Seals with the first key the plain-text values that are to be sealed. A value that changes meanwhile is skipped and
 * counted as plain; this may run beside everything else, and be repeated.
 */
export async function sealPlaintext(
  db: Db,
  keyring: Keyring,
  storage: PasswordStorage,
): Promise<SealOutcome[]> {
  const done: SealOutcome[] = []
  for (const place of fieldsToSeal(storage)) {
    const { changed } = await updateValues(db, place, 'plain', (value, at) =>
      value === '' || isSealed(value) ? null : keyring.seal(value, at),
    )
    const plain = await countPlaintextValues(db, place)
    done.push({ collection: place.collection, field: place.path, sealed: changed, plain })
  }
  return done
}

function fieldsToSeal(storage: PasswordStorage): readonly EncryptedField[] {
  return ENCRYPTED_FIELDS.filter((place) => mustBeSealed(place, storage))
}
