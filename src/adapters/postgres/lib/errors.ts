import { DatabaseError } from 'pg'
import { OutsideError } from '../../../domain/outside-error.ts'
import { PostgresConnectionError } from './connection-error.ts'
import { grantFor } from './grants.ts'
import { CONDITIONS } from './conditions.ts'

/**
 * A lost or refused connection, or, after a failover, one to a server that is no longer the primary. PgBouncer answers
 * 08P01 where the server behind it is away.
 */
const UNREACHABLE = /^(?:08|57P0[1-5]|25006)/
/** A limit of the server was exceeded, or another transaction was in the way: a retry may succeed. */
const THROTTLED = /^(?:53|57014|40001|40P01|55P03)/
/** The data of a row, a constraint, a view's condition, or an exception that a trigger raised. */
const RECORD = /^(?:22|23|44|P0001)/
const LOGIN = /^28/
const DENIED = '42501'
/** PgBouncer's own limits, for which its older versions have no SQLSTATE of their own. */
const POOLER_IS_FULL = /no more connections allowed|query_wait_timeout/

/**
 * Runs one operation on a table (`<schema>.<table>`); if it fails, throws the classified error with the table and the
 * action. No value of a row is in it: the server's message and detail may quote one, so they are left out.
 */
export async function callPostgres<T>(table: string, action: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw postgresError(error, table, action)
  }
}

/** The SQLSTATE of an answer of the server; null for every other error. */
export function sqlStateOf(error: unknown): string | null {
  return error instanceof DatabaseError ? (error.code ?? '') : null
}

/** The constraint that a row violates, such as a key that exists already; null for every other error. */
export function violatedConstraint(error: unknown): string | null {
  const violates = error instanceof DatabaseError && (error.code ?? '').startsWith('23')
  return violates ? (error.constraint ?? '') : null
}

function postgresError(error: unknown, table: string, action: string): unknown {
  if (error instanceof PostgresConnectionError)
    return error.login ? loginRefused(error.message) : unreachable(error.message, error)
  if (!(error instanceof DatabaseError)) return error
  const code = error.code ?? 'no code'
  const named = conditionOf(code)
  if (LOGIN.test(code)) return loginRefused(named)
  if (code === DENIED) return denied(error, table, action)
  const answer = { action, code: named, ...placeOf(error, table) }
  if (THROTTLED.test(code) || (code === '08P01' && POOLER_IS_FULL.test(error.message)))
    return new OutsideError('postgres-throttled', `Postgres throttles ${action} on ${table}: ${named}`, {
      detail: answer,
    })
  // About the connection alone, such as PgBouncer's "server login has been failing", so no value is in the message.
  if (UNREACHABLE.test(code)) return unreachable(error.message)
  return new OutsideError('postgres-refused', `Postgres refuses ${action} on ${table}: ${named}`, {
    detail: answer,
    refusesRecord: RECORD.test(code),
  })
}

function unreachable(answer: string, cause?: Error): OutsideError {
  return new OutsideError('postgres-unreachable', `Postgres does not answer: ${answer}`, {
    ...(cause === undefined ? {} : { cause }),
    detail: { answer },
  })
}

function loginRefused(answer: string): OutsideError {
  return new OutsideError('postgres-denied', `Postgres refuses the login: ${answer}`, {
    detail: { login: answer },
  })
}

function denied(error: DatabaseError, table: string, action: string): OutsideError {
  return new OutsideError('postgres-denied', `Postgres denies ${action} on ${table}`, {
    detail: { table, action, grant: grantFor(error.message, table, action) },
  })
}

/** The table and the column that the server names: one operation of ours may concern several tables. */
function placeOf(
  { schema, table, column, constraint }: DatabaseError,
  asked: string,
): Readonly<Record<string, string>> {
  return {
    table: table === undefined || schema === undefined ? asked : `${schema}.${table}`,
    ...(column === undefined ? {} : { column }),
    ...(constraint === undefined ? {} : { constraint }),
  }
}

/** Such as `23505 unique_violation`. */
function conditionOf(code: string): string {
  const name = CONDITIONS[code]
  return name === undefined ? code : `${code} ${name}`
}
