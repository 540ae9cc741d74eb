import type { System } from '../../contracts/systems.ts'
import { combinePersonalData } from '../lib/personal-data.ts'
import type { PersonalDataOptions } from '../ports.ts'
import type { PersonalData } from '../ports/personal-data.ts'
import { createPersonalRows, PERSON_TABLES } from './personal-tables.ts'
import { QUARANTINE } from './quarantine/place.ts'
import { createQuarantineSearch } from './quarantine/search.ts'
import type { StateDb } from './tables.ts'

export function createPersonalData(
  db: StateDb,
  system: System,
  { keyring, hash, records }: PersonalDataOptions,
): PersonalData {
  const { find, remove } = createQuarantineSearch(db, system, keyring, hash)
  return combinePersonalData(
    { ...createPersonalRows(db, system), stores: PERSON_TABLES },
    {
      store: QUARANTINE,
      async find(person) {
        const { matching, unreadable } = await find(person)
        return { matching: matching.map((entry) => ({ ...entry })), unreadable }
      },
      remove,
    },
    { hash, records },
  )
}
