import type { TableName } from '../../config/supabase/sections.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { callPostgres } from '../postgres/lib/errors.ts'
import { nameOf } from './catalog.ts'

/**
 * Runs a statement that creates profiles. A refusal of the profile itself is named as such; a refusal of its event is
 * none of that user, so it ends the whole statement.
 */
export async function callForProfiles<T>(
  { profiles, events }: { readonly profiles: TableName; readonly events: TableName | null },
  run: () => Promise<T>,
): Promise<T> {
  const table = nameOf(profiles)
  try {
    return await callPostgres(table, 'insert', run)
  } catch (error) {
    if (!(error instanceof OutsideError) || !error.refusesRecord) throw error
    const { detail, message } = error
    if (events !== null && detail['table'] === nameOf(events))
      throw new OutsideError(error.problem, message, { detail, cause: error })
    const isRequired = (detail['code'] ?? '').startsWith('23502')
    throw new OutsideError(isRequired ? 'profile-column-required' : 'profile-refused', message, {
      detail,
      cause: error,
      refusesRecord: true,
    })
  }
}
