import type { PersonRow } from '../../contracts/audit.ts'

/** Whether neither a store nor a provider knows the person of a row. */
export function isUnknownPerson(row: Pick<PersonRow, 'state'>): boolean {
  return row.state === 'unknown'
}
