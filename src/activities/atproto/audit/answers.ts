import type { AuditAnswers } from '../../audit/answers.ts'
import { discardLeftOverIntents, type LeftOverIntentsDeps } from './left-over-intents.ts'
import { createAtprotoRepairs, type AtprotoRepairDeps } from './repair.ts'
import { runScanStep, scanStepsOf, type ScanDeps } from './scan.ts'

export interface AtprotoAuditDeps extends ScanDeps, AtprotoRepairDeps, LeftOverIntentsDeps {}

/** Auth0's people, the application's records, the PDS's accounts. */
export function createAtprotoAudit(deps: AtprotoAuditDeps): AuditAnswers {
  return {
    system: 'atproto',
    tenants: deps.tenants.map(({ name }) => name),
    tenantOf: (identity) => deps.ownerOf(identity)?.name ?? null,
    scanSteps: (scope) => scanStepsOf(deps, scope),
    runScanStep: (audit) => runScanStep(deps, audit),
    ...createAtprotoRepairs(deps),
    deleteCopies: (auditId, options) => deps.auditSnapshot.deleteBatch(auditId, options),
    deleteLeftOvers: () => discardLeftOverIntents(deps),
  }
}
