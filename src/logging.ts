import { pino, type Logger } from 'pino'

export type { Logger } from 'pino'

const EMAIL = /[^\s"'<>@]+@[^\s"'<>@]+\.[A-Za-z]{2,}/g

/** The one place logs are written from: JSON lines on standard error, e-mail addresses and secrets taken out. */
export function createLogger(name: string, level = 'info'): Logger {
  return pino(
    {
      name,
      level,
      redact: {
        paths: SECRETS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
      serializers: { err: serializeError, error: serializeError },
      hooks: {
        streamWrite: withoutEmails,
      },
    },
    pino.destination({ fd: 2, sync: true }),
  )
}

const SECRETS = [
  'password',
  'email',
  'token',
  'secret',
  'authorization',
  'accessJwt',
  'refreshJwt',
  'inviteCode',
]

export function withoutEmails(text: string): string {
  return text.replaceAll(EMAIL, '[e-mail]')
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
