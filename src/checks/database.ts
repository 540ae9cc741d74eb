import { databaseServer } from '../adapters/mongo/lib/hello.ts'
import { checkFinding } from '../domain/check-findings.ts'
import { dependencyOf } from '../contracts/state-home.ts'
import type { Check } from './check.ts'
import type { CheckContext } from './context.ts'

/** The database with Holdfast's own records: reachable, and able to run transactions. */
export function databaseCheck(context: CheckContext): Check {
  return {
    name: dependencyOf(context.served.state.home),
    async run() {
      const { database } = await context.state()
      const { version, replicaSet } = await databaseServer(database.db)
      return {
        findings: replicaSet === null ? [checkFinding(context.system, 'mongo-without-transactions')] : [],
        facts: [`version ${version}`, ...(replicaSet === null ? [] : [`replica set ${replicaSet}`])],
      }
    },
  }
}
