import { DatabaseError } from 'pg'

/**
 * No connection, a broken one, or no answer in time: every failure of a call that is no answer of the server. The
 * message holds what the driver or the system says of the connection, never data of a row.
 */
export class PostgresConnectionError extends Error {
  /** The server refused the login by its own protocol. */
  readonly login: boolean

  private constructor(answer: string, login: boolean, options?: ErrorOptions) {
    super(answer, options)
    this.name = 'PostgresConnectionError'
    this.login = login
  }

  /** An answer of the server, and a mistake in our own code, are returned unchanged. */
  static from(error: unknown): Error {
    const own = error instanceof TypeError || error instanceof RangeError
    if (own || error instanceof DatabaseError || error instanceof PostgresConnectionError) return error
    if (!(error instanceof Error)) return new PostgresConnectionError('unknown error', false)
    const { code } = error as NodeJS.ErrnoException
    const answer = typeof code === 'string' ? code : error.message
    return new PostgresConnectionError(answer, error.message.startsWith('SASL'), { cause: error })
  }

  static timeout(ms: number): PostgresConnectionError {
    return new PostgresConnectionError(`no answer within ${ms / 1_000} s`, false)
  }
}
