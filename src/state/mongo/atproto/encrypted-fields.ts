import type { EncryptedField } from '../../ports/sealed-values.ts'

// prettier-ignore
export const ATPROTO_FIELDS: readonly EncryptedField[] = [
  { collection: 'holdfast_intents', path: 'email', context: { collection: 'holdfast_intents', field: 'email' } },
  { collection: 'holdfast_intents', path: 'alias', context: { collection: 'holdfast_intents', field: 'email' } },
  { collection: 'holdfast_intents', path: 'earlierEmails', context: { collection: 'holdfast_intents', field: 'email' } },
  { collection: 'holdfast_intents', path: 'password', context: { collection: 'holdfast_intents', field: 'password' }, isSampled: true },
  { collection: 'holdfast_intents', path: 'inviteCode', context: { collection: 'holdfast_intents', field: 'inviteCode' } },
  { collection: 'holdfast_renewals', path: 'password', context: { collection: 'holdfast_renewals', field: 'password' } },
  { collection: 'users', path: 'atproto.password', context: { collection: 'users', field: 'atproto.password' }, isPassword: true, isSampled: true },
]
