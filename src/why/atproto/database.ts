import type { Db } from 'mongodb'
import { mongoOf } from '../../state/open.ts'
import type { PersonContext } from '../one-person.ts'

/** The database of the application's records and of Holdfast's state. */
export async function databaseOf({ state }: Pick<PersonContext, 'state'>): Promise<Db> {
  return mongoOf(await state()).db
}
