import type { PostgresPoolClient } from 'kysely'
import { DatabaseError, type PoolClient } from 'pg'
import { PostgresConnectionError } from './connection-error.ts'

/** Answers after which the server, or the pooler, closes the connection, or is no longer the primary. */
const CLOSING = /^(?:08|57P|25006)/

/**
 * A connection for one call or one transaction, which ends within `callMs` altogether. After a failure that is no answer
 * of the server, or its last one, the connection is closed instead of returned to the pool: a statement may still run on
 * it, for which the next call would wait, or the next call would find it closed.
 */
export function lease(client: PoolClient, callMs: number): PostgresPoolClient {
  const deadline = performance.now() + callMs
  let failure: Error | null = null
  const run = async (text: string, values: readonly unknown[]): Promise<unknown> => {
    if (failure !== null) throw failure
    const left = Math.ceil(deadline - performance.now())
    try {
      if (left <= 0) throw PostgresConnectionError.timeout(callMs)
      const limited = { text, values: [...values], query_timeout: left }
      return await client.query(limited)
    } catch (error) {
      if (error instanceof DatabaseError) {
        if (CLOSING.test(error.code ?? '')) failure = error
        throw error
      }
      const timedOut = performance.now() >= deadline
      failure = timedOut ? PostgresConnectionError.timeout(callMs) : PostgresConnectionError.from(error)
      throw failure
    }
  }
  return {
    query: run as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || failure !== null),
  }
}
