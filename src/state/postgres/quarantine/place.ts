import type { EncryptionContext } from '../../../crypto/keyring.ts'

export const QUARANTINE = 'holdfast.quarantine'

/** The encryption context of an entry's content. */
export function placeOfContent(id: string): EncryptionContext {
  return { collection: QUARANTINE, person: id, field: 'content' }
}
