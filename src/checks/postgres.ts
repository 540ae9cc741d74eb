import { callPostgres } from '../adapters/postgres/lib/errors.ts'
import type { Pooling } from '../adapters/postgres/lib/pooling.ts'
import type { System } from '../contracts/systems.ts'
import { checkFinding } from '../domain/check-findings.ts'
import { describeServer, missingPrivileges } from '../state/postgres/setup.ts'
import { stateFault, type NeededFiles } from '../state/postgres/migrate.ts'
import type { VersionFault } from '../state/postgres/state-version.ts'
import type { PostgresConnection } from '../state/open.ts'
import type { CheckFinding } from '../contracts/checks.ts'
import type { CheckResult } from './check.ts'

/** How a connection reaches the server, with what follows from it. */
const CONNECTION_FACTS: Readonly<Record<Pooling, string>> = {
  none: 'connected without a pooler',
  session:
    'connected through a pooler in session mode, which keeps a connection to the server for each of ours',
  transaction: 'connected through a pooler in transaction mode',
}

/** The tables of this version, the privileges that their use needs, and what is between us and the server. */
export async function checkPostgres(
  { db, pooling }: Pick<PostgresConnection, 'db' | 'pooling'>,
  system: System,
  needed: NeededFiles = {},
): Promise<CheckResult> {
  const [server, fault] = [await describeServer(db), await stateFault(db, needed)]
  const connection = CONNECTION_FACTS[await callPostgres('pg_catalog', 'find', pooling)]
  const version = `version ${server.version}`
  if (fault !== null) return { findings: [faultFinding(system, fault)], facts: [version, connection] }
  const missing = await missingPrivileges(db)
  return {
    findings: missing.map(({ table, actions }) =>
      checkFinding(system, 'postgres-privilege-missing', {
        table,
        actions: actions.join(', '),
        grant: `grant ${actions.join(', ')} on ${table} to ${server.role}`,
      }),
    ),
    notices: server.superuser
      ? [checkFinding(system, 'postgres-privileges-superfluous', { rights: 'superuser' })]
      : [],
    facts: [version, connection, `the tables have version ${server.tables}`],
  }
}

function faultFinding(system: System, fault: VersionFault): CheckFinding {
  const where = fault.folder === undefined ? {} : { folder: fault.folder }
  if (fault.kind === 'altered') return checkFinding(system, 'state-altered', { ...where, file: fault.file })
  const needed = String(fault.needed)
  if (fault.kind === 'too-new')
    return checkFinding(system, 'state-too-new', { ...where, found: String(fault.found), needed })
  return checkFinding(system, 'state-outdated', {
    ...where,
    ...(fault.found === null ? {} : { found: String(fault.found) }),
    needed,
  })
}
