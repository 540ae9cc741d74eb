import { pino, type Logger } from 'pino'
import { printableJson, printableLines } from './domain/text/printable.ts'
import { isPersonalField, withoutPersonal } from './contracts/personal.ts'

export type { Logger } from 'pino'

/**
 * The only place logs are written from: JSON lines on standard error, addresses and secrets removed from every value.
 */
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

/** Writes an error to standard error, with the same redaction as the logs'. */
export function printError(error: unknown): void {
  process.stderr.write(`${printableLines(shortened(describeError(error)))}\n`)
}

/** The stack of an error and of its causes. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const codes = Object.entries(codesOf(error)).map(([name, code]) => ` [${name} ${code}]`)
  const own = `${error.stack ?? `${error.name}: ${error.message}`}${codes.join('')}`
  return error.cause === undefined ? own : `${own}\nCaused by: ${describeError(error.cause)}`
}

/** The longest a log line may be; a longer one is cut. */
const LONGEST_LINE = 16 * 1024
/**
 * Extra text that is redacted before the cut, so that no secret is cut in two, and so not recognized, at the end of
 * what is kept.
 */
const MARGIN = 512

/** Redacts the finished line, so that bindings, messages and errors within errors are covered too. */
function redactedLine(line: string): string {
  const fields = redacted(JSON.parse(line)) as Record<string, unknown>
  const whole = printableJson(JSON.stringify(fields))
  if (whole.length <= LONGEST_LINE) return `${whole}\n`
  const { level, time, pid, hostname, name, msg } = fields
  const kept = {
    level,
    time,
    pid,
    hostname,
    name,
    msg: cut(typeof msg === 'string' ? msg : '', LONGEST_LINE / 8),
    cutFrom: whole.length,
  }
  return `${printableJson(JSON.stringify({ ...kept, rest: cut(whole, LONGEST_LINE / 4) }))}\n`
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`
}

/**
 * Redacts a text and cuts it. A long text is cut a little beyond the limit first, so that no time is spent on text that
 * is not kept.
 */
function shortened(text: string): string {
  return cut(withoutPersonal(text.slice(0, LONGEST_LINE + MARGIN)), LONGEST_LINE)
}

function redacted(value: unknown): unknown {
  if (typeof value === 'string') return shortened(value)
  if (Array.isArray(value)) return value.map(redacted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      withoutPersonal(name),
      isPersonalField(name) && field !== null && typeof field !== 'boolean' ? '[redacted]' : redacted(field),
    ]),
  )
}

/** The parts of an error that are logged: name, message, codes and stack, and the same of its causes. */
export function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  return {
    type: error.name,
    message: error.message,
    ...codesOf(error),
    stack: error.stack,
    ...(error instanceof AggregateError ? { errors: error.errors.map(serializeError) } : {}),
    ...(error.cause === undefined ? {} : { cause: serializeError(error.cause) }),
  }
}

/** `code` of Node, gRPC and MongoDB, `codeName` of MongoDB. */
function codesOf(error: Error): Record<string, string | number> {
  const codes: Record<string, string | number> = {}
  for (const name of ['code', 'codeName']) {
    const value: unknown = Reflect.get(error, name)
    if (typeof value === 'string' || typeof value === 'number') codes[name] = value
  }
  return codes
}
