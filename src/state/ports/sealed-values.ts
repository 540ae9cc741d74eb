import type { EncryptionContext, Keyring } from '../../crypto/keyring.ts'

/**
 * A sealed field of the database, for `keys rotate`, `keys seal` and the check of the keys. A field that an adapter seals and
 * that is in no list keeps needing its old key.
 */
export interface EncryptedField {
  /** The collection, or the table with its schema. */
  readonly collection: string
  /** Path of the value in its document, or its column; a string, or a list of strings. */
  readonly path: string
  /** The value's encryption context, beside the document's id. */
  readonly context: Omit<EncryptionContext, 'person'>
  /** A password in the application's records: plain text is a fault only where the configuration says sealed. */
  readonly isPassword?: true
  /** `check` decrypts samples of these; their values are strings. */
  readonly isSampled?: true
}

export interface SealedSample {
  readonly keyId: string
  readonly sealed: string
  readonly place: EncryptionContext
}

/** The configured storage of passwords in the application's records; null where the environment does not name it. */
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

export interface RotatedField {
  readonly collection: string
  readonly field: string
  /** Values sealed anew. */
  readonly resealed: number
  /** Values that no key of the ring decrypts; they stay unchanged. */
  readonly unopened: number
  /** Values in plain text; they stay unchanged. */
  readonly plain: number
  /** The number of values per sealing key after the run. */
  readonly keys: Readonly<Record<string, number>>
}

/** The sealed values in the database of a system: in Holdfast's state, and in the fields that the system names. */
export interface SealedValues {
  /** The fields of Holdfast's state. */
  readonly fields: readonly EncryptedField[]
  /** Of every sampled field, one sealed value of each key in use there, from a random sample. */
  samples(fields: readonly EncryptedField[]): Promise<SealedSample[]>
  /** The values in plain text, per field. */
  countPlaintext(fields: readonly EncryptedField[]): Promise<PlaintextCount[]>
  /**
   * Seals with the first key the plain-text values of these fields. A value that changes meanwhile is skipped and
   * counted as plain; this may run beside everything else, and be repeated.
   */
  sealPlaintext(keyring: Keyring, fields: readonly EncryptedField[]): Promise<SealOutcome[]>
  /**
   * Seals again, with the first key, every value sealed by another key of the ring. A value that changes meanwhile is
   * skipped, so this may run beside everything else; an interrupted run is simply repeated.
   */
  rotate(keyring: Keyring, fields: readonly EncryptedField[]): Promise<RotatedField[]>
}
