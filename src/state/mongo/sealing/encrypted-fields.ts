import type { EncryptedField } from '../../ports/sealed-values.ts'

/** Those of every system; each system has its own beside them. */
export const GENERAL_FIELDS: readonly EncryptedField[] = [
  {
    collection: 'holdfast_quarantine',
    path: 'content',
    context: { collection: 'holdfast_quarantine', field: 'content' },
    isSampled: true,
  },
]
