import { MongoServerError, type Db } from 'mongodb'
import { callMongo } from './errors.ts'

const AUTHENTICATION_FAILED = new Set([18, 8000])

/** Version and replica set; the set is null on a standalone server. */
export function databaseServer(db: Db): Promise<{ version: string; replicaSet: string | null }> {
  return callMongo('the database', 'hello', async () => {
    const { setName } = await db.command({ hello: 1 })
    const { version } = await db.command({ buildInfo: 1 })
    return { version: String(version), replicaSet: typeof setName === 'string' ? setName : null }
  })
}

/** Whether a refused login caused the failure, if only by the connections it closed. */
export function isLoginRefused(error: unknown): boolean {
  if (error instanceof MongoServerError && AUTHENTICATION_FAILED.has(Number(error.code))) return true
  return error instanceof Error && error.cause !== undefined && isLoginRefused(error.cause)
}
