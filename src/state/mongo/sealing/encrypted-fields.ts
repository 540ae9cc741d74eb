import type { EncryptionContext } from '../../../crypto/keyring.ts'

/**
 * Every sealed field in MongoDB, for `keys rotate` and `keys seal`. A field that an adapter seals and that is missing
 * here keeps needing its old key.
 */
export interface EncryptedField {
  readonly collection: string
  /** Path of the value in its document; a string, or a list of strings. */
  readonly path: string
  /** The value's encryption context, beside the document's id. */
  readonly context: Omit<EncryptionContext, 'person'>
}

// prettier-ignore
export const ENCRYPTED_FIELDS: readonly EncryptedField[] = [
  { collection: 'holdfast_intents', path: 'email', context: { collection: 'holdfast_intents', field: 'email' } },
  { collection: 'holdfast_intents', path: 'alias', context: { collection: 'holdfast_intents', field: 'email' } },
  { collection: 'holdfast_intents', path: 'earlierEmails', context: { collection: 'holdfast_intents', field: 'email' } },
  { collection: 'holdfast_intents', path: 'password', context: { collection: 'holdfast_intents', field: 'password' } },
  { collection: 'holdfast_intents', path: 'inviteCode', context: { collection: 'holdfast_intents', field: 'inviteCode' } },
  { collection: 'holdfast_quarantine', path: 'content', context: { collection: 'holdfast_quarantine', field: 'content' } },
  { collection: 'holdfast_renewals', path: 'password', context: { collection: 'holdfast_renewals', field: 'password' } },
  { collection: 'users', path: 'atproto.password', context: { collection: 'users', field: 'atproto.password' } },
]
