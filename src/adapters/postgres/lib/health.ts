import { sql } from 'kysely'
import { OutsideError } from '../../../domain/outside-error.ts'
import type { PostgresDatabase } from './connect.ts'
import { callPostgres } from './errors.ts'

const HEALTH_MS = 5_000

/** Whether the primary answers within five seconds, once there is a connection. Writes nothing. */
export async function checkPostgresHealth<T>({ within }: PostgresDatabase<T>): Promise<void> {
  const { rows } = await callPostgres('pg_catalog', 'find', () =>
    sql<{ standby: boolean }>`select pg_is_in_recovery() as standby`.execute(within(HEALTH_MS)),
  )
  if (rows[0]?.standby !== true) return
  throw new OutsideError('postgres-unreachable', 'Postgres accepts no writes: it is a standby', {
    detail: { answer: 'a standby, which accepts no writes' },
  })
}
