import type { Db } from 'mongodb'
import { checkMongoHealth, pingMongo } from '../../adapters/mongo/lib/ping.ts'
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
import { createIgnored } from './ignored.ts'
import { createOldDeletions } from './old-deletions.ts'
import { createPersonalData } from './personal-data.ts'
import { createQuarantine } from './quarantine/quarantine.ts'
import { quarantineSummary } from './quarantine/summary.ts'
import { createHeldActions, createSafetyLimits } from './safety-limits.ts'
import { createSealedValues } from './sealing/sealed-values.ts'
import { createStepHistory } from './step-history.ts'
import { createSwitches } from './switches.ts'
import { createTombstones } from './tombstones.ts'
import { createTotals } from './totals.ts'
import { createWorkerReports } from './workers.ts'

/** The state of a system in a MongoDB database, which several systems may share: collections named `holdfast_…`. */
export function createMongoState(db: Db, system: System): State {
  return {
    kind: 'mongodb',
    actions: createActionLog(db),
    alerts: createAlertStore(db, system),
    cursors: createCursors(db, system),
    findings: createAuditFindings(db, system),
    heldActions: createHeldActions(db, system),
    ignored: createIgnored(db, system),
    marks: createAuditMarks(db),
    notedEvents: createNotedEvents(db, system),
    oldDeletions: createOldDeletions(db, system),
    plans: createPlans(db, system),
    sealed: createSealedValues(db),
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
    ping: () => pingMongo(db),
    checkHealth: () => checkMongoHealth(db),
  }
}
