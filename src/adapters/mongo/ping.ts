import type { Db } from 'mongodb'
import { inMongo } from './errors.ts'

const COLLECTION = 'holdfast_steps'

/** Asks the database to answer and to take a write, in a document of our own that says when it last did. */
export async function pingMongo(db: Db): Promise<void> {
  await inMongo(COLLECTION, 'update', () =>
    db
      .collection<{ _id: string; at: Date }>(COLLECTION)
      .updateOne({ _id: 'watch' }, { $set: { at: new Date() } }, { upsert: true }),
  )
}
