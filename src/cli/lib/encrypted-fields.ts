import type { Env } from '../../config.ts'
import { GENERAL_FIELDS } from '../../state/mongo/sealing/encrypted-fields.ts'
import { fieldsToSeal } from '../../state/mongo/sealing/seal-plaintext.ts'
import { loadSystems, supportedSystems } from '../../systems/served.ts'
import type { EncryptedField } from '../../state/ports/sealed-values.ts'

interface EncryptedFields {
  readonly all: readonly EncryptedField[]
  /** Those where a value in plain text is a fault. */
  readonly toSeal: readonly EncryptedField[]
  /** Those of passwords where the environment does not say how they are stored; `missing` is what it lacks. */
  readonly undecided: readonly { readonly fields: readonly EncryptedField[]; readonly missing: string }[]
  /** The sentences that passwords are left in plain text, as configured. */
  readonly left: readonly string[]
}

/**
 * The encrypted fields of every supported system: those of one that is not served at the moment need their keys too.
 */
export async function allEncryptedFields(env: Env): Promise<EncryptedFields> {
  const systems = (await loadSystems(supportedSystems())).map(({ encryptedFields = [], passwords }) => {
    const storage = passwords?.storage(env) ?? null
    return { fields: encryptedFields, passwords, storage, toSeal: fieldsToSeal(encryptedFields, storage) }
  })
  return {
    all: [...GENERAL_FIELDS, ...systems.flatMap(({ fields }) => fields)],
    toSeal: [...GENERAL_FIELDS, ...systems.flatMap(({ toSeal }) => toSeal)],
    undecided: systems.flatMap(({ fields, passwords, storage }) =>
      passwords === undefined || storage !== null
        ? []
        : [{ fields: fields.filter(({ isPassword }) => isPassword === true), missing: passwords.unknown }],
    ),
    left: systems.flatMap(({ passwords, storage }) =>
      passwords === undefined || storage !== 'plain' ? [] : [passwords.left],
    ),
  }
}
