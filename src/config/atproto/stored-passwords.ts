import type { StoredPasswords } from '../stored-passwords.ts'
import { loadAtprotoConfig } from './sections.ts'

/** Passwords of accounts on the PDS. */
export const atprotoPasswords: StoredPasswords = {
  storage: (env) => loadAtprotoConfig(['passwordStorage'], env).passwordStorage,
  unknown: 'PDS_PASSWORD_STORAGE is missing: it determines whether users.atproto.password must be encrypted',
  left: 'users.atproto.password was left unchanged: PDS_PASSWORD_STORAGE=plain stores it in plain text.',
}
