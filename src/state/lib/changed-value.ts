import { isSealed, keyIdOf, type EncryptionContext, type Keyring } from '../../crypto/keyring.ts'
import { OutsideError } from '../../domain/outside-error.ts'

/** Returns null for a value that stays. */
export type ValueChange = (value: string, at: EncryptionContext) => string | null

/** Seals again what another key than the first one sealed. Throws `seal-broken` where no key decrypts it. */
export function resealing(keyring: Keyring): ValueChange {
  return (value, at) => {
    const keyId = keyIdOf(value)
    return keyId === null || keyId === keyring.activeKeyId ? null : keyring.seal(keyring.open(value, at), at)
  }
}

/** Seals plain text; an empty string stays. */
export function sealing(keyring: Keyring): ValueChange {
  return (value, at) => (value === '' || isSealed(value) ? null : keyring.seal(value, at))
}

export interface UpdateCounts {
  readonly changed: number
  /** Values that no key of the ring decrypts; they stay unchanged. */
  readonly unopened: number
}

/** A stored value, or the values of a list, after the change; anything but text stays. */
export function changedValue(
  value: unknown,
  at: EncryptionContext,
  change: ValueChange,
): UpdateCounts & { readonly value: unknown } {
  if (Array.isArray(value)) {
    const parts = value.map((part: unknown) => changedValue(part, at, change))
    return {
      value: parts.map((part) => part.value),
      changed: parts.reduce((sum, part) => sum + part.changed, 0),
      unopened: parts.reduce((sum, part) => sum + part.unopened, 0),
    }
  }
  if (typeof value !== 'string') return { value, changed: 0, unopened: 0 }
  try {
    const fresh = change(value, at)
    return fresh === null ? { value, changed: 0, unopened: 0 } : { value: fresh, changed: 1, unopened: 0 }
  } catch (error) {
    if (error instanceof OutsideError && error.problem === 'seal-broken')
      return { value, changed: 0, unopened: 1 }
    throw error
  }
}
