import type { PostgresDatabase } from '../../adapters/postgres/lib/connect.ts'
import { checkPostgresHealth } from '../../adapters/postgres/lib/health.ts'
import type { System } from '../../contracts/systems.ts'
import type { State } from '../ports.ts'
import { createActionLog } from './actions.ts'
import { createAlertStore } from './alerts.ts'
import { createAuditFindings } from './audit/findings.ts'
import { createAuditMarks } from './audit/marks.ts'
import { createPlans } from './audit/plans.ts'
import { createCursors } from './cursors.ts'
import { createNotedEvents } from './events/noted-events.ts'
import { createSeenEvents } from './events/seen-events.ts'
import { createHeldActions } from './held-actions.ts'
import { createIgnored } from './ignored.ts'
import { createOldDeletions } from './old-deletions.ts'
import { createPersonalData } from './personal-data.ts'
import { pingPostgres } from './ping.ts'
import { createQuarantine } from './quarantine/quarantine.ts'
import { quarantineSummary } from './quarantine/summary.ts'
import { createSafetyLimits } from './safety-limits.ts'
import { createSealedValues } from './sealing/sealed-values.ts'
import { createStepHistory } from './step-history.ts'
import { createSwitches } from './switches.ts'
import type { StateTables } from './tables.ts'
import { createTombstones } from './tombstones.ts'
import { createTotals } from './totals.ts'
import { createWorkerReports } from './workers.ts'

/** The state of a system in a Postgres database, which several systems may share: the schema `holdfast`. */
export function createPostgresState(database: PostgresDatabase<StateTables>, system: System): State {
  const { db } = database
  return {
    kind: 'postgres',
    actions: createActionLog(db),
    alerts: createAlertStore(db, system),
    cursors: createCursors(db, system),
    findings: createAuditFindings(db, system),
    heldActions: createHeldActions(db, system),
    ignored: createIgnored(db, system),
    marks: createAuditMarks(db, system),
    notedEvents: createNotedEvents(db, system),
    oldDeletions: createOldDeletions(db, system),
    plans: createPlans(db, system),
    sealed: createSealedValues(database, system),
    seenEvents: createSeenEvents(db, system),
    switches: createSwitches(db, system),
    totals: createTotals(db, system),
    workers: createWorkerReports(db, system),
    personalData: (options) => createPersonalData(db, system, options),
    quarantine: (options) => createQuarantine(db, system, options),
    quarantineSummary: () => quarantineSummary(db, system),
    safetyLimits: (limits, countPeople) => createSafetyLimits(db, system, limits, countPeople),
    stepHistory: (build) => createStepHistory(db, system, build),
    tombstones: (hash) => createTombstones(db, system, hash),
    ping: () => pingPostgres(db, system),
    checkHealth: () => checkPostgresHealth(database),
  }
}
