import type { CountedStore, StoreCounts } from '../../../contracts/atproto/audit.ts'
import type { AuditResult, RecordCount } from '../../../contracts/audit.ts'
import { discardLeftOverIntents, type LeftOverIntentsDeps } from './left-over-intents.ts'
import { createAuditReport, type AuditReportDeps } from './report.ts'
import { gapNames } from '../../../contracts/gaps.ts'
import type { Plans } from '../../../state/mongo/audit/plans.ts'
import { createRepairActivities, type RepairDeps } from './repair.ts'
import { runScanStep, scanStepsOf, type ScanDeps } from './scan.ts'
import { withFailureMapping } from '../../lib/failures.ts'
import type { AuditActivities, ScanOutcome } from '../../audit.ts'
import { withScanCursor } from '../../lib/scan-cursor.ts'

/** Number of findings in a workflow's result; the others stay in MongoDB. */
const IN_RESULT = 50
const MOVES = 50

export interface AuditDeps extends ScanDeps, RepairDeps, AuditReportDeps, LeftOverIntentsDeps {
  readonly plans: Plans
}

/** `AuditActivities` for `atproto`: Auth0's people, the application's records, the PDS's accounts. */
export function createAuditActivities(deps: AuditDeps): AuditActivities {
  const { auditSnapshot, findings, plans, tombstones } = deps
  const repairs = createRepairActivities(deps)
  return {
    listScanSteps: withFailureMapping(async (scope) => scanStepsOf(deps, scope)),
    runScanStep: withFailureMapping((audit) => runScanStep(deps, audit)),

    concludeAudit: withFailureMapping(async ({ auditId, system, at, scope, scheduled, outcomes }) => {
      const gaps = gapsOf(await findings.counts(auditId), outcomes)
      const notices = outcomes.flatMap((one) => one.notices)
      const result: AuditResult = {
        system,
        auditId,
        at,
        scope,
        counts: countsOf(outcomes),
        records: recordsOf(outcomes),
        gaps,
        ignored: outcomes.reduce((total, { ignored }) => total + ignored, 0),
        young: outcomes.reduce((total, { young }) => total + young, 0),
        inProgress: outcomes.reduce((total, { inProgress }) => total + inProgress, 0),
        accountsLeft: await tombstones.countAccountsLeft(),
        findings: await findings.first(auditId, IN_RESULT),
        notices,
        pass: Object.keys(gaps).length === 0 && notices.length === 0,
      }
      await findings.saveResult(result, scheduled)
      return result
    }),

    publishAuditAlerts: withFailureMapping(createAuditReport(deps)),

    deleteOldFindings: withFailureMapping(() =>
      withScanCursor({}, async ({ saveCursor }) => {
        while (!(await findings.deleteOld()).all) saveCursor({})
        await discardLeftOverIntents(deps)
      }),
    ),

    loadPlanScope: withFailureMapping(async ({ planId }) => (await plans.load(planId))?.scope ?? null),

    makePlan: withFailureMapping(({ auditId, scope, planId, population }) =>
      withScanCursor({}, async () => {
        const known = await plans.load(planId)
        const keep = known === null
        const plan = await plans.make({ planId, audit: auditId, scope, population, keep })
        const same = known === null || known.digest === plan.digest
        return { plan, moved: same ? [] : await plans.moved(known, auditId, MOVES) }
      }),
    ),

    repairInDatabase: withFailureMapping(repairs.repairInDatabase),
    startRepairs: withFailureMapping(repairs.startRepairs),
    pollRepairs: withFailureMapping(repairs.pollRepairs),
    verifyRepairs: withFailureMapping(repairs.verifyRepairs),

    deleteAuditSnapshot: withFailureMapping(({ auditId, keepPeople }) =>
      withScanCursor({}, async ({ saveCursor }) => {
        while (!(await auditSnapshot.deleteBatch(auditId, { keepPeople })).all) saveCursor({})
      }),
    ),
  }
}

/** Counts of the gaps kept as findings, and of those that are only counted. */
function gapsOf(kept: AuditResult['gaps'], outcomes: readonly ScanOutcome[]): AuditResult['gaps'] {
  const sums = { ...kept }
  for (const { counted = {} } of outcomes)
    for (const kind of gapNames('atproto')) {
      const count = counted[kind] ?? 0
      if (count > 0) sums[kind] = (sums[kind] ?? 0) + count
    }
  return sums
}

function countsOf(outcomes: readonly ScanOutcome[]): StoreCounts {
  const sum = (name: CountedStore): number =>
    outcomes.reduce((total, { counts }) => total + (counts[name] ?? 0), 0)
  return {
    identities: sum('identities'),
    verifications: sum('verifications'),
    users: sum('users'),
    handles: sum('handles'),
    accounts: sum('accounts'),
  }
}

function recordsOf(outcomes: readonly ScanOutcome[]): Record<string, RecordCount> {
  const entries = outcomes.flatMap(({ records }) => Object.entries(records))
  return Object.fromEntries(
    entries.map(([name, { have, due }]) => [
      name,
      { have, due, percent: due === 0 ? 100 : Math.floor((have / due) * 1_000) / 10 },
    ]),
  )
}
