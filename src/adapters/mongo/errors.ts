import { MongoError, MongoErrorLabel, MongoServerError } from 'mongodb'
import { OutsideError } from '../../domain/outside-error.ts'

const DENIED = new Set([13, 18, 8000])
/** A primary that steps down, or a member that shuts down or recovers: the next try meets another one. */
const PASSING = new Set([91, 189, 10107, 11600, 11602, 13435, 13436])
/** Past a limit of the server's: its own of time, that of a plan, or too many requests at once. */
const THROTTLED = new Set([50, 262, 462, 16500])
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
  if (DENIED.has(code)) return denied(error, deniedBy(error.message) ?? { collection, action })
  if (THROTTLED.has(code)) {
    return new OutsideError('mongo-throttled', `MongoDB throttles ${action} on ${collection}`, {
      cause: error,
      detail: { collection, action, codeName: codeNameOf(error) },
    })
  }
  if (error instanceof MongoServerError && !PASSING.has(code) && !passing(error)) {
    const codeName = codeNameOf(error)
    return new OutsideError('mongo-refused', `MongoDB refuses ${action} on ${collection}: ${codeName}`, {
      cause: error,
      detail: { collection, action, codeName },
    })
  }
  return new OutsideError('mongo-unreachable', `MongoDB does not answer: ${error.name}`, { cause: error })
}

function codeNameOf(error: MongoError): string {
  const named = error instanceof MongoServerError ? error.codeName : undefined
  return typeof named === 'string' && named !== '' ? named : String(error.code)
}

interface Denied {
  readonly collection: string
  readonly action: string
}

/** The privilege a command asks for, where it goes by another name. An upsert is an update that may insert. */
const PRIVILEGES: Readonly<Record<string, string>> = {
  createIndexes: 'createIndex',
  delete: 'remove',
  update: 'insert" and "update',
}

/** What the server says it denied: an operation of ours may be several commands, on more than one collection. */
function deniedBy(message: string): Denied | null {
  const [, command, collection] = /execute command \{ (\w+): "([^"]+)"/.exec(message) ?? []
  return command === undefined || collection === undefined ? null : { collection, action: command }
}

function denied(cause: MongoError, { collection, action }: Denied): OutsideError {
  const privilege = PRIVILEGES[action] ?? action
  return new OutsideError('mongo-denied', `MongoDB denies ${action} on ${collection}`, {
    cause,
    detail: {
      collection,
      action,
      grant: `the privilege "${privilege}" on the collection ${collection}, or the role readWrite`,
    },
  })
}

function passing(error: MongoError): boolean {
  return (
    error.hasErrorLabel(MongoErrorLabel.RetryableWriteError) ||
    error.hasErrorLabel(MongoErrorLabel.TransientTransactionError)
  )
}
