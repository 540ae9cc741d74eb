import { databaseServer } from '../adapters/mongo/lib/hello.ts'
import { dependencyOf } from '../contracts/database-kind.ts'
import type { System } from '../contracts/systems.ts'
import { checkFinding } from '../domain/check-findings.ts'
import type { MongoConnection } from '../state/open.ts'
import type { Check, CheckResult } from './check.ts'
import type { CheckContext } from './context.ts'

/** Checks that the database of the system's state answers and meets the requirements of Holdfast. */
export function databaseCheck(context: CheckContext): Check {
  const { kind } = context.served.state
  return {
    name: dependencyOf(kind),
    async run() {
      const { database } = await context.state()
      if (database.kind === 'mongodb') return checkMongo(database, context.system)
      const { checkPostgres } = await import('./postgres.ts')
      const { filesFor } = await import('../state/postgres/migrate.ts')
      const settings = context.served.state.read(context.env)
      const needed = settings.kind === 'postgres' ? filesFor(settings) : {}
      return checkPostgres(database, context.system, needed)
    },
  }
}

/** MongoDB has transactions only as a replica set. */
async function checkMongo({ db }: MongoConnection, system: System): Promise<CheckResult> {
  const { version, replicaSet } = await databaseServer(db)
  return {
    findings: replicaSet === null ? [checkFinding(system, 'mongo-without-transactions')] : [],
    facts: [`version ${version}`, ...(replicaSet === null ? [] : [`replica set ${replicaSet}`])],
  }
}
