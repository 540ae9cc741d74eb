import type { Db } from 'mongodb'
import { OutsideError } from '../../../domain/outside-error.ts'
import { callMongo } from './errors.ts'

const COLLECTION = 'holdfast_steps'
const PING_TIMEOUT_MS = 5_000

/** Makes the database answer and accept a write, in a document of our own that contains the time of the last one. */
export async function pingMongo(db: Db): Promise<void> {
  await callMongo(COLLECTION, 'update', () =>
    db
      .collection<{ _id: string; at: Date }>(COLLECTION)
      .updateOne({ _id: 'watch' }, { $set: { at: new Date() } }, { upsert: true }),
  )
}

/** Whether the primary answers, within five seconds. Writes nothing. */
export async function checkMongoHealth(db: Db): Promise<void> {
  const signal = AbortSignal.timeout(PING_TIMEOUT_MS) // the driver takes no time-out for one command
  await callMongo('$cmd', 'ping', async () => {
    try {
      await db.command({ ping: 1 }, { signal })
    } catch (error) {
      if (!signal.aborted) throw error
      const answer = `MongoDB does not answer within ${PING_TIMEOUT_MS / 1_000} s`
      throw new OutsideError('mongo-unreachable', answer, { cause: error })
    }
  })
}
