import type { EncryptedField } from '../../ports/sealed-values.ts'

/** The fields that every system has; each system adds its own. */
export const GENERAL_FIELDS: readonly EncryptedField[] = [
  {
    collection: 'holdfast_quarantine',
    path: 'content',
    context: { collection: 'holdfast_quarantine', field: 'content' },
    isSampled: true,
  },
]
