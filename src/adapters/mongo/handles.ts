import type { Db } from 'mongodb'
import type { HandleDocument } from './documents.ts'
import { callMongo } from './lib/errors.ts'

export interface Handles {
  /** The handle the person has chosen in the application; null where there is none. */
  chosenBy(identity: string): Promise<string | null>
}

export function createHandles(db: Db): Handles {
  const handles = db.collection<HandleDocument>('@handles')
  return {
    async chosenBy(identity) {
      const found = await callMongo('@handles', 'find', () => handles.findOne({ _id: identity }))
      return typeof found?.handle === 'string' && found.handle !== '' ? found.handle : null
    },
  }
}
