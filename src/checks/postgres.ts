import type { System } from '../contracts/systems.ts'
import { checkFinding } from '../domain/check-findings.ts'
import { describeServer, missingPrivileges } from '../state/postgres/setup.ts'
import { stateFault, type NeededFiles } from '../state/postgres/migrate.ts'
import type { VersionFault } from '../state/postgres/state-version.ts'
import type { StateDb } from '../state/postgres/tables.ts'
import type { CheckFinding } from '../contracts/checks.ts'
import type { CheckResult } from './check.ts'

/** The tables of this version, and the privileges that their use needs. */
export async function checkPostgres(
  db: StateDb,
  system: System,
  needed: NeededFiles = {},
): Promise<CheckResult> {
  const [server, fault] = [await describeServer(db), await stateFault(db, needed)]
  if (fault !== null) return { findings: [faultFinding(system, fault)], facts: [`version ${server.version}`] }
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
    facts: [`version ${server.version}`, `the tables have version ${server.tables}`],
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
