import type { SealPlace } from '../../crypto/keyring.ts'

/**
 * Everything sealed that lies in MongoDB: where `keys rotate` looks. What an adapter seals and does not name here
 * keeps needing its old key.
 */
export interface SealedPlace {
  readonly collection: string
  /** Path of the value in its document; a string, or a list of strings. */
  readonly path: string
  /** What the value is bound to, beside the document's id. */
  readonly bound: Omit<SealPlace, 'person'>
}

// prettier-ignore
export const SEALED_PLACES: readonly SealedPlace[] = [
  { collection: 'holdfast_intents', path: 'email', bound: { collection: 'holdfast_intents', field: 'email' } },
  { collection: 'holdfast_intents', path: 'alias', bound: { collection: 'holdfast_intents', field: 'email' } },
  { collection: 'holdfast_intents', path: 'earlierEmails', bound: { collection: 'holdfast_intents', field: 'email' } },
  { collection: 'holdfast_intents', path: 'password', bound: { collection: 'holdfast_intents', field: 'password' } },
  { collection: 'holdfast_intents', path: 'inviteCode', bound: { collection: 'holdfast_intents', field: 'inviteCode' } },
  { collection: 'holdfast_quarantine', path: 'content', bound: { collection: 'holdfast_quarantine', field: 'content' } },
  { collection: 'users', path: 'atproto.password', bound: { collection: 'users', field: 'atproto.password' } },
]
