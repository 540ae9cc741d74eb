import type { EncryptedField, PasswordStorage } from './ports/sealed-values.ts'

/**
 * The fields where a value in plain text is a fault: all of them, but passwords only where the configuration says that
 * they are sealed.
 */
export function fieldsToSeal(
  fields: readonly EncryptedField[],
  storage: PasswordStorage,
): readonly EncryptedField[] {
  return fields.filter(({ isPassword }) => isPassword !== true || storage === 'sealed')
}
