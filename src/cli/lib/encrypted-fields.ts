import { GENERAL_FIELDS, type EncryptedField } from '../../state/mongo/sealing/encrypted-fields.ts'
import { loadSystems, supportedSystems } from '../../systems/served.ts'

/**
 * The encrypted fields of every supported system: those of one that is not served at the moment need their keys too.
 */
export async function allEncryptedFields(): Promise<readonly EncryptedField[]> {
  const systems = await loadSystems(supportedSystems())
  return [...GENERAL_FIELDS, ...systems.flatMap(({ encryptedFields = [] }) => encryptedFields)]
}
