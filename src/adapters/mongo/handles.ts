import type { Db } from 'mongodb'
import type { HandleDocument } from './documents.ts'
import { inMongo } from './errors.ts'

export interface Handles {
  /** The handle the person has chosen in the application; null where none is. */
  chosenBy(identity: string): Promise<string | null>
}

export function createHandles(db: Db): Handles {
  const handles = db.collection<HandleDocument>('@handles')
  return {
    async chosenBy(identity) {
      const found = await inMongo('@handles', 'find', () => handles.findOne({ _id: identity }))
      return typeof found?.handle === 'string' && found.handle !== '' ? found.handle : null
    },
  }
}
