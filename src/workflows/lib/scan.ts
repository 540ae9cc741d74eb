import {
  CancellationScope,
  ContinueAsNew,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow'
import type { FindAndRepairActivities, ScanOutcome } from '../../activities/find-and-repair.ts'
import type { AuditProgress, AuditResult } from '../../contracts/audit.ts'
import type { AuditRequest } from '../../domain/run-input.ts'

/** Behind live signups, on every queue. */
const priority = { priorityKey: 5 }

/** An outage of some minutes is sat out; a longer one ends the run, named. */
const retry = { initialInterval: '1s', maximumInterval: '60s', maximumAttempts: 8 } as const

/** For as long as a scan of millions takes; a worker that died is noticed by its silence. */
const long = (summary: string) =>
  proxyActivities<FindAndRepairActivities>({
    startToCloseTimeout: '12h',
    heartbeatTimeout: '30s',
    retry,
    priority,
    summary,
  })

const short = (summary: string) =>
  proxyActivities<FindAndRepairActivities>({ startToCloseTimeout: '30s', retry, priority, summary })

/** Two queries and a call to Temporal a person, so often that a task of its own would cost more than it does. */
const local = (summary: string) =>
  proxyLocalActivities<FindAndRepairActivities>({ startToCloseTimeout: '30s', retry, summary })

export const findAndRepair = {
  scanSteps: short('Look at what there is to scan').scanSteps,
  reportAudit: short('Tell of what was found').reportAudit,
  findPlan: short('Look for the plan').findPlan,
  makePlan: long('Make the plan').makePlan,
  startRepairs: local('Set repairs going').startRepairs,
  repairInDatabase: short('Mend a page of records').repairInDatabase,
  lookAtRepairs: long('Look at those who stay silent').lookAtRepairs,
  verifyRepairs: long('Look again at everybody touched').verifyRepairs,
  dropCopies: long('Let go of what was copied').dropCopies,
}

/** Scans the whole scope, step by step, and sums up. `show` is told where it is. */
export async function scanPopulation(
  { system, scope }: AuditRequest,
  show: (progress: AuditProgress) => void,
): Promise<AuditResult> {
  const { runId, startTime } = workflowInfo()
  const audit = { auditId: runId, scope }
  const steps = await findAndRepair.scanSteps(scope)
  const outcomes: ScanOutcome[] = []
  for (const [index, { name, summary }] of steps.entries()) {
    show({ step: summary, done: index, total: steps.length })
    outcomes.push(await long(summary).scan({ ...audit, step: name }))
  }
  show({ step: 'Sum up', done: steps.length, total: steps.length })
  return short('Sum up').concludeAudit({ ...audit, system, at: startTime.toISOString(), outcomes })
}

/**
 * Runs what works on an audit's copies and lets go of them however it ends: by a result, by a failure, cancelled. A run
 * that goes on as new needs them yet; one that is killed leaves them to their expiry.
 */
export async function lettingGo<T>(auditId: string, work: () => Promise<T>): Promise<T> {
  const drop = (): Promise<void> =>
    CancellationScope.nonCancellable(() => findAndRepair.dropCopies({ auditId, keepPeople: false }))
  let result: T
  try {
    result = await work()
  } catch (error) {
    if (!(error instanceof ContinueAsNew)) await drop()
    throw error
  }
  await drop()
  return result
}
