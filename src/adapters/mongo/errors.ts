import { MongoError, MongoErrorLabel, MongoServerError } from 'mongodb'
import { OutsideError } from '../../domain/outside-error.ts'

const DENIED = new Set([13, 18, 8000])
/** A primary that steps down, or a member that shuts down or recovers: the next try meets another one. */
const PASSING = new Set([91, 189, 10107, 11600, 11602, 13435, 13436])
const DUPLICATE = 11_000

/** Runs one operation and names what went wrong, if it did, after the collection and the action. */
export async function inMongo<T>(collection: string, action: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw mongoError(error, collection, action)
  }
}

/** The index a duplicate key met (`{ code: 1 }` → `code`); null for every other error. */
export function duplicateKey(error: unknown): string | null {
  if (!(error instanceof MongoServerError) || error.code !== DUPLICATE) return null
  const pattern: unknown = error['keyPattern']
  return typeof pattern === 'object' && pattern !== null ? Object.keys(pattern).join() : ''
}

function mongoError(error: unknown, collection: string, action: string): unknown {
  if (!(error instanceof MongoError)) return error
  const code = typeof error.code === 'number' ? error.code : 0
  if (DENIED.has(code)) {
    return new OutsideError('mongo-denied', `MongoDB denies ${action} on ${collection}`, {
      cause: error,
      detail: {
        collection,
        action,
        grant: `the privilege "${action}" on the collection ${collection}, or the role readWrite`,
      },
    })
  }
  if (error instanceof MongoServerError && !PASSING.has(code) && !passing(error)) {
    const codeName = typeof error.codeName === 'string' ? error.codeName : String(code)
    return new OutsideError('mongo-refused', `MongoDB refuses ${action} on ${collection}: ${codeName}`, {
      cause: error,
      detail: { collection, action, codeName },
    })
  }
  return new OutsideError('mongo-unreachable', `MongoDB does not answer: ${error.name}`, { cause: error })
}

function passing(error: MongoError): boolean {
  return (
    error.hasErrorLabel(MongoErrorLabel.RetryableWriteError) ||
    error.hasErrorLabel(MongoErrorLabel.TransientTransactionError)
  )
}
