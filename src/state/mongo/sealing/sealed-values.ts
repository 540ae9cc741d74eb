import type { Db } from 'mongodb'
import type { SealedValues } from '../../ports/sealed-values.ts'
import { GENERAL_FIELDS } from './encrypted-fields.ts'
import { rotateKeys } from './key-rotation.ts'
import { sealedSamples } from './samples.ts'
import { countPlaintext, sealPlaintext } from './seal-plaintext.ts'

export function createSealedValues(db: Db): SealedValues {
  return {
    fields: GENERAL_FIELDS,
    samples: (fields) => sealedSamples(db, fields),
    countPlaintext: (fields) => countPlaintext(db, fields),
    sealPlaintext: (keyring, fields) => sealPlaintext(db, keyring, fields),
    rotate: (keyring, fields) => rotateKeys(db, keyring, fields),
  }
}
