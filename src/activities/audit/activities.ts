import { createHash } from 'node:crypto'
import { ApplicationFailure } from '@temporalio/common'
import type { AuditCounts, AuditResult, AuditScope, RecordCount } from '../../contracts/audit.ts'
import { createAuditReport, type AuditReportDeps } from './report.ts'
import { gapNames } from '../../contracts/gaps.ts'
import type { System } from '../../contracts/systems.ts'
import { failsAudit } from '../../domain/gaps.ts'
import { planChanges, planOf } from '../../domain/plan.ts'
import { vocabularyOf } from '../../contracts/vocabulary.ts'
import type { EventCounter } from '../../state/lib/event-counter.ts'
import type { AuditMarks } from '../../state/ports/audit-marks.ts'
import { createRepairActivities, type RepairDeps } from './repair.ts'
import { withFailureMapping } from '../lib/failures.ts'
import type { AuditActivities, ScanOutcome } from '../audit.ts'
import { withScanCursor } from '../lib/scan-cursor.ts'
import type { AuditAnswers } from './answers.ts'
import type { Plans } from '../../state/ports/plans.ts'

/** Number of findings in a workflow's result; the others stay in the database. */
const IN_RESULT = 50
const MOVES = 50
/** The number of findings after which the activity checks whether it was cancelled. */
const CHECK_EVERY = 1_000

export interface AuditDeps extends RepairDeps, AuditReportDeps {
  readonly plans: Plans
  readonly marks: AuditMarks
  readonly counter: EventCounter
}

/** `AuditActivities` of a system: it scans and repairs by its answers; the rest is the same for all. */
export function createAuditActivities(deps: AuditDeps, answers: AuditAnswers): AuditActivities {
  const { marks, findings, plans, tombstones, counter } = deps
  const repairs = createRepairActivities(deps, answers)
  const changesSince = (before: string, now: string, remove: boolean) =>
    planChanges(findings.iterate(before), findings.iterate(now), MOVES, { remove })
  return {
    listScanSteps: withFailureMapping(async ({ remove = false, ...scope }) => {
      assertTenant(answers.tenants, scope.tenant)
      if (remove && answers.remove === undefined)
        throw ApplicationFailure.nonRetryable(
          `${answers.system} has no records that Holdfast removes: run it without remove`,
          'bad-input',
        )
      return [...answers.scanSteps(scope)]
    }),
    runScanStep: withFailureMapping(answers.runScanStep),

    concludeAudit: withFailureMapping(async ({ auditId, system, at, scope, scheduled, outcomes }) => {
      const gaps = gapsOf(system, await findings.counts(auditId), outcomes)
      const notices = outcomes.flatMap((one) => one.notices)
      const result: AuditResult = {
        system,
        auditId,
        at,
        scope,
        counts: countsOf(system, outcomes),
        records: recordsOf(outcomes),
        gaps,
        ignored: outcomes.reduce((total, { ignored }) => total + ignored, 0),
        young: outcomes.reduce((total, { young }) => total + young, 0),
        inProgress: outcomes.reduce((total, { inProgress }) => total + inProgress, 0),
        accountsLeft: await tombstones.countAccountsLeft(),
        findings: await findings.first(auditId, IN_RESULT),
        notices,
        ...assessed(outcomes),
        pass:
          gapNames(system).every((kind) => gaps[kind] === undefined || !failsAudit(system, kind)) &&
          notices.length === 0,
      }
      await findings.saveResult(result, scheduled)
      if (isOfEverybody(scope)) await counter.setGaps({ ...noGaps(system), ...gaps }, new Date(at))
      return result
    }),

    publishAuditAlerts: withFailureMapping(createAuditReport(deps, answers)),

    deleteOldFindings: withFailureMapping(() =>
      withScanCursor({}, async ({ saveCursor }) => {
        while (!(await findings.deleteOld()).all) saveCursor({})
        await answers.deleteLeftOvers()
      }),
    ),

    loadPlanScope: withFailureMapping(async ({ planId }) => {
      const known = await plans.load(planId)
      return known === null ? null : { scope: known.scope, remove: known.remove === true }
    }),

    makePlan: withFailureMapping(({ auditId, scope, planId, population, remove }) =>
      withScanCursor({}, async ({ saveCursor }) => {
        const { workflows, workflowsAtMost } = answers.batches
        const known = await plans.load(planId)
        const found = cancellable(findings.iterate(auditId), () => saveCursor({}))
        const made = await planOf(found, createHash('sha256'), { remove })
        const plan = { planId, population, ...made }
        if (known === null)
          await plans.save({ ...plan, audit: auditId, scope, ...(remove ? { remove } : {}) })
        const same = known === null || known.digest === plan.digest
        const moved = same ? [] : await changesSince(known.audit, auditId, remove)
        return { plan, moved, batches: { workflows, workflowsAtMost } }
      }),
    ),

    repairInDatabase: withFailureMapping(repairs.repairInDatabase),
    removeRecords: withFailureMapping(repairs.removeRecords),
    startRepairs: withFailureMapping(repairs.startRepairs),
    pollRepairs: withFailureMapping(repairs.pollRepairs),
    verifyRepairs: withFailureMapping(repairs.verifyRepairs),

    deleteAuditSnapshot: withFailureMapping(({ auditId, keepPeople }) =>
      withScanCursor({}, async ({ saveCursor }) => {
        while (!(await marks.deleteBatch(auditId)).all) saveCursor({})
        while (!(await answers.deleteCopies(auditId, { keepPeople })).all) saveCursor({})
      }),
    ),
  }
}

/** Yields the same items; `check` is called regularly, and throws once the activity was cancelled. */
async function* cancellable<T>(items: AsyncIterable<T>, check: () => void): AsyncGenerator<T, undefined> {
  let count = 0
  for await (const item of items) {
    if (count++ % CHECK_EVERY === 0) check()
    yield item
  }
  return undefined
}

function assertTenant(tenants: readonly string[], tenant: string | null): void {
  if (tenant === null || tenants.includes(tenant)) return
  throw ApplicationFailure.nonRetryable(
    `Unknown tenant '${tenant}'. The tenants are: ${tenants.join(', ')}`,
    'bad-input',
  )
}

/** Zero for each kind of gap, so that an hour whose audit found none differs from one without an audit. */
function noGaps(system: System): Record<string, number> {
  return Object.fromEntries(gapNames(system).map((kind) => [kind, 0]))
}

function isOfEverybody({ tenant, last, since, id }: AuditScope): boolean {
  return tenant === null && last === null && since === null && id === null
}

/** Counts of the gaps kept as findings, and of those that are only counted. */
function gapsOf(
  system: System,
  kept: AuditResult['gaps'],
  outcomes: readonly ScanOutcome[],
): AuditResult['gaps'] {
  const sums = { ...kept }
  for (const { counted = {} } of outcomes)
    for (const kind of gapNames(system)) {
      const count = counted[kind] ?? 0
      if (count > 0) sums[kind] = (sums[kind] ?? 0) + count
    }
  return sums
}

function countsOf(system: System, outcomes: readonly ScanOutcome[]): AuditCounts {
  const sum = (store: string): number =>
    outcomes.reduce((total, { counts }) => total + (counts[store] ?? 0), 0)
  const stores = ['identities', ...vocabularyOf(system).audit.counts]
  return Object.fromEntries(stores.map((store) => [store, sum(store)])) as AuditCounts
}

/** The comparisons and the health of the steps that have them. */
function assessed(outcomes: readonly ScanOutcome[]): Pick<AuditResult, 'checks' | 'health'> {
  const checks = outcomes.flatMap((outcome) => outcome.checks ?? [])
  const health = outcomes.find((outcome) => outcome.health !== undefined)?.health
  return { ...(checks.length === 0 ? {} : { checks }), ...(health === undefined ? {} : { health }) }
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
