import { MongoError, MongoErrorLabel, MongoServerError } from 'mongodb'
import { OutsideError } from '../../../domain/outside-error.ts'

const DENIED = new Set([13, 18, 8000])
/** A failover, an unavailable host, a cursor lost with either, or a write conflict: a retry may succeed. */
const PASSING = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  24, // LockTimeout
  43, // CursorNotFound
  64, // WriteConcernTimeout
  89, // NetworkTimeout
  91, // ShutdownInProgress
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  175, // QueryPlanKilled
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  234, // RetryChangeStream
  237, // CursorKilled
  246, // SnapshotUnavailable
  251, // NoSuchTransaction
  290, // TransactionExceededLifetimeLimitSeconds
  384, // ConnectionError
  9001, // SocketException
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11601, // Interrupted
  11602, // InterruptedDueToReplStateChange
  13388, // StaleConfig
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
])
/** A limit of the server was exceeded: its own time limit, that of a plan, or the number of parallel requests. */
const THROTTLED = new Set([50, 262, 462, 16500])
const DUPLICATE = 11_000
/** A validator refused the document, it is too large, or its key exists. */
const REFUSES_RECORD = new Set([121, 10_334, 17_419, 17_420, DUPLICATE])
const NAMES: ReadonlyMap<number, string> = new Map([
  [72, 'InvalidOptions'],
  [121, 'DocumentValidationFailure'],
  [166, 'CommandNotSupportedOnView'],
  [11_000, 'DuplicateKey'],
])

/** Runs one operation; if it fails, throws the classified error with the collection and the action. */
export async function callMongo<T>(collection: string, action: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw mongoError(error, collection, action)
  }
}

/** The index of a duplicate key (`{ code: 1 }` → `code`); null for every other error. */
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
      refusesRecord: REFUSES_RECORD.has(code),
    })
  }
  return new OutsideError('mongo-unreachable', `MongoDB does not answer: ${error.name}`, { cause: error })
}

/** Whether MongoDB refused a command because of its content, so that a retry is refused as well. */
export function isRefused(error: unknown): error is MongoServerError {
  if (!(error instanceof MongoServerError)) return false
  const outside = mongoError(error, '', '')
  return outside instanceof OutsideError && outside.problem === 'mongo-refused'
}

/** MongoDB's name of the error. A write error has no name, unlike the same error of a command. */
export function codeNameOf(error: MongoError): string {
  const named = error instanceof MongoServerError ? error.codeName : undefined
  if (typeof named === 'string' && named !== '') return named
  return NAMES.get(Number(error.code)) ?? String(error.code)
}

interface Denied {
  readonly collection: string
  readonly action: string
}

/** The privilege that a command needs, where it has another name. An upsert is an update that may insert. */
const PRIVILEGES: Readonly<Record<string, string>> = {
  aggregate: 'find',
  createIndexes: 'createIndex',
  delete: 'remove',
  update: 'insert" and "update',
}

/**
 * The command that the server says it denied: one operation of ours may be several commands, on more than one
 * collection.
 */
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
