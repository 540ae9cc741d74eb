import type { Db } from 'mongodb'
import { mongoOf } from '../../state/open.ts'
import type { PersonContext } from '../one-person.ts'

/** The database of the application's records, in which Holdfast keeps its own too. */
export async function databaseOf({ state }: Pick<PersonContext, 'state'>): Promise<Db> {
  return mongoOf(await state()).db
}
