import { pino, type Logger } from 'pino'
import { isPersonalField, withoutPersonal } from './contracts/personal.ts'

export type { Logger } from 'pino'

/** The one place logs are written from: JSON lines on standard error, addresses and secrets taken out of every value. */
export function createLogger(name: string, level = 'info'): Logger {
  return pino(
    {
      name,
      level,
      serializers: { err: serializeError, error: serializeError },
      hooks: { streamWrite: redactedLine },
    },
    pino.destination({ fd: 2, sync: true }),
  )
}

/** Whatever is said on standard error, or printed about a failure: the same redaction as the logs'. */
export function sayError(error: unknown): void {
  process.stderr.write(`${withoutPersonal(describeError(error))}\n`)
}

/** The stack of an error and of what caused it. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause === undefined ? own : `${own}\nCaused by: ${describeError(error.cause)}`
}

/** On the finished line, so that bindings, messages and errors within errors are met too. */
function redactedLine(line: string): string {
  return `${JSON.stringify(redacted(JSON.parse(line)))}\n`
}

function redacted(value: unknown): unknown {
  if (typeof value === 'string') return withoutPersonal(value)
  if (Array.isArray(value)) return value.map(redacted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      withoutPersonal(name),
      isPersonalField(name) && field !== null && typeof field !== 'boolean' ? '[redacted]' : redacted(field),
    ]),
  )
}

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: serializeError(error.cause) }),
  }
}
