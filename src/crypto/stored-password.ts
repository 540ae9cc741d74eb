import { randomBytes } from 'node:crypto'
import { isSealed, type Keyring } from './keyring.ts'

/** 24 random bytes: 32 characters that nobody has to type. */
const PASSWORD_BYTES = 24

export function newPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString('base64url')
}

/** The form of a person's account password in their user record: plain, or sealed for its place. */
export interface StoredPasswords {
  stored(person: string, password: string): string
  /** The inverse, for both forms. */
  opened(person: string, stored: string): string
}

export function createStoredPasswords(keyring: Keyring, storage: 'plain' | 'sealed'): StoredPasswords {
  const at = (person: string) => ({ collection: 'users', person, field: 'atproto.password' })
  return {
    stored: (person, password) => (storage === 'plain' ? password : keyring.seal(password, at(person))),
    opened: (person, stored) => (isSealed(stored) ? keyring.open(stored, at(person)) : stored),
  }
}
