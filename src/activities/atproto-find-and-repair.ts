import type { AuditCounts, AuditResult, RecordCount } from '../contracts/audit.ts'
import { createAuditReport } from './atproto-audit-report.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { createRepairActivities } from './atproto-repair.ts'
import { runScanStep, scanStepsOf } from './atproto-scan.ts'
import { naming } from './failures.ts'
import type { FindAndRepairActivities, ScanOutcome } from './find-and-repair.ts'
import { scanning } from './lib/scan-cursor.ts'

/** What a workflow's result holds of the findings; the others stay in MongoDB. */
const IN_RESULT = 50
const MOVES = 50

/** `FindAndRepairActivities` for `atproto`: Auth0's people, the application's records, the PDS's accounts. */
export function createAtprotoFindAndRepair(deps: AtprotoDeps): FindAndRepairActivities {
  const { audits, findings, plans } = deps
  const repairs = createRepairActivities(deps)
  return {
    scanSteps: naming(async (scope) => scanStepsOf(deps, scope)),
    scan: naming((audit) => runScanStep(deps, audit)),

    concludeAudit: naming(async ({ auditId, system, at, scope, outcomes }) => {
      const gaps = await findings.counts(auditId)
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
        findings: await findings.some(auditId, IN_RESULT),
        notices,
        pass: Object.keys(gaps).length === 0 && notices.length === 0,
      }
      await findings.conclude(result)
      return result
    }),

    reportAudit: naming(createAuditReport(deps)),

    findPlan: naming(async ({ planId }) => (await plans.load(planId))?.scope ?? null),

    makePlan: naming(({ auditId, scope, system, planId, population }) =>
      scanning({}, async () => {
        const known = await plans.load(planId)
        const keep = known === null
        const plan = await plans.make({ planId, system, audit: auditId, scope, population, keep })
        const same = known === null || known.digest === plan.digest
        return { plan, moved: same ? [] : await plans.moved(known, auditId, MOVES) }
      }),
    ),

    repairInDatabase: naming(repairs.repairInDatabase),
    startRepairs: naming(repairs.startRepairs),
    lookAtRepairs: naming(repairs.lookAtRepairs),
    verifyRepairs: naming(repairs.verifyRepairs),

    dropCopies: naming(({ auditId, keepPeople }) =>
      scanning({}, async ({ reached }) => {
        while (!(await audits.dropSome(auditId, { keepPeople })).all) reached({})
      }),
    ),
  }
}

function countsOf(outcomes: readonly ScanOutcome[]): AuditCounts {
  const sum = (name: keyof AuditCounts): number =>
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
