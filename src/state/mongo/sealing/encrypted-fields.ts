import type { EncryptionContext } from '../../../crypto/keyring.ts'

/**
 * A sealed field in MongoDB, for `keys rotate`, `keys seal` and the check of the keys. A field that an adapter seals and
 * that is in no list keeps needing its old key.
 */
export interface EncryptedField {
  readonly collection: string
  /** Path of the value in its document; a string, or a list of strings. */
  readonly path: string
  /** The value's encryption context, beside the document's id. */
  readonly context: Omit<EncryptionContext, 'person'>
  /** A password in the application's records: plain text is a fault only where the configuration says sealed. */
  readonly isPassword?: true
  /** `check` decrypts samples of these; their values are strings. */
  readonly isSampled?: true
}

/** Those of every system; each system has its own beside them. */
export const GENERAL_FIELDS: readonly EncryptedField[] = [
  {
    collection: 'holdfast_quarantine',
    path: 'content',
    context: { collection: 'holdfast_quarantine', field: 'content' },
    isSampled: true,
  },
]
