import { MongoServerError } from 'mongodb'
import { OutsideError } from '../../../domain/outside-error.ts'
import { callMongo } from './errors.ts'

/** The description of an operation, for the operator; `field`: the one whose index would make it fast. */
interface Operation {
  readonly collection: string
  readonly action: string
  readonly field?: string
}

/** To be added to the options of an operation. */
export interface TimeLimit {
  readonly maxTimeMS: number
  /** The driver reads it from any operation's options, though its types do not name it there. */
  readonly socketTimeoutMS: number
}

const EXCEEDED = 50
/** The time the server has to report that it ended the operation. */
const ANSWER_MS = 5_000

/**
 * Runs one operation that reads a whole collection, with its own time limit instead of the eight seconds of other
 * calls. The server ends it at the limit, and it throws `mongo-slow`.
 */
export function callMongoWithin<T>(
  ms: number,
  { collection, action, field }: Operation,
  run: (limit: TimeLimit) => Promise<T>,
): Promise<T> {
  return callMongo(collection, action, async () => {
    try {
      return await run({ maxTimeMS: ms, socketTimeoutMS: ms + ANSWER_MS })
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== EXCEEDED) throw error
      const limit = ms < 120_000 ? `${ms / 1_000} seconds` : `${Math.round(ms / 60_000)} minutes`
      throw new OutsideError('mongo-slow', `MongoDB did not finish ${action} on ${collection} in ${limit}`, {
        cause: error,
        detail: { collection, action, limit, ...(field === undefined ? {} : { field }) },
      })
    }
  })
}
