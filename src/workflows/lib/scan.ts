import {
  ActivityCancellationType,
  CancellationScope,
  ContinueAsNew,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow'
import type { AuditActivities, ScanOutcome } from '../../activities/audit.ts'
import type { AuditProgress, AuditResult } from '../../contracts/audit.ts'
import { PRIORITY } from '../../contracts/priorities.ts'
import type { AuditRequest } from '../../domain/run-input.ts'
import { ONE_ATTEMPT } from './attempts.ts'
import { withInputErrors } from './input.ts'

const priority = { priorityKey: PRIORITY.bulk }

/**
 * Enough attempts to outlast an outage of some minutes; a longer one fails the run with the problem's name. The phases
 * that repair show an outage and wait for its end, however long, so their activities fail sooner (`REPAIR`).
 */
const retry = { initialInterval: '1s', maximumInterval: '60s', maximumAttempts: 8 } as const

/** Long enough to scan millions of people; the death of a worker is detected by the missing heartbeat. */
const long = (summary: string) =>
  proxyActivities<AuditActivities>({
    startToCloseTimeout: '12h',
    heartbeatTimeout: '30s',
    retry,
    priority,
    summary,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED, // it stops before its copies are deleted
  })

const short = (summary: string) =>
  proxyActivities<AuditActivities>({ startToCloseTimeout: '30s', retry, priority, summary })

const REPAIR = { ...retry, maximumAttempts: 3 } as const

/** One page. If a worker dies, the page is repeated by another. */
const page = (summary: string) =>
  proxyActivities<AuditActivities>({
    startToCloseTimeout: '1h',
    heartbeatTimeout: '30s',
    retry: REPAIR,
    priority,
    summary,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  })

/**
 * Local, since it makes only two queries and one call to Temporal for each person: a task of its own would cost more.
 */
const { startRepairs } = proxyLocalActivities<AuditActivities>({
  startToCloseTimeout: '30s',
  retry: ONE_ATTEMPT,
  summary: 'Start repairs',
})

export const auditActivities = {
  listScanSteps: short('Plan the scan').listScanSteps,
  publishAuditAlerts: short('Report the findings').publishAuditAlerts,
  deleteOldFindings: long('Delete the findings of all but the last two audits').deleteOldFindings,
  loadPlanScope: short('Load the plan').loadPlanScope,
  makePlan: long('Create the plan').makePlan,
  startRepairs,
  repairInDatabase: page('Repair a page of records').repairInDatabase,
  removeRecords: page('Remove a page of records').removeRecords,
  pollRepairs: page('Check people whose signup has not reported').pollRepairs,
  verifyRepairs: page('Check again a page of those who were changed').verifyRepairs,
  deleteAuditSnapshot: long('Delete the copies').deleteAuditSnapshot,
}

/**
 * Scans the whole scope, step by step, and adds up the outcomes. `show` is called with the progress. `sweeps`: data
 * left of deleted people is deleted, not only reported. `remove`: refused where the system removes nothing.
 * `beforeStep` is awaited before each step.
 */
export async function scanPopulation(
  { system, scope, scheduled }: Omit<AuditRequest, 'scheduled'> & { scheduled?: boolean },
  show: (progress: AuditProgress) => void,
  {
    sweeps = false,
    remove = false,
    beforeStep,
  }: { sweeps?: boolean; remove?: boolean; beforeStep?: () => Promise<void> } = {},
): Promise<AuditResult> {
  const { runId, startTime } = workflowInfo()
  const audit = { auditId: runId, scope, ...(scheduled === true ? { scheduled } : {}) }
  const steps = await withInputErrors(() =>
    auditActivities.listScanSteps({ ...scope, ...(remove ? { remove } : {}) }),
  )
  const outcomes: ScanOutcome[] = []
  for (const [index, { name, summary }] of steps.entries()) {
    show({ step: summary, done: index, total: steps.length })
    await beforeStep?.()
    outcomes.push(await long(summary).runScanStep({ ...audit, step: name, sweeps }))
  }
  show({ step: 'Summarize', done: steps.length, total: steps.length })
  return short('Summarize').concludeAudit({ ...audit, system, at: startTime.toISOString(), outcomes })
}

/**
 * Runs `work` on an audit's copies and deletes them however it ends: completed, failed or cancelled. A run that
 * continues as new still needs them; one that is terminated leaves them to their expiry.
 */
export async function withAuditCleanup<T>(auditId: string, work: () => Promise<T>): Promise<T> {
  const drop = (): Promise<void> =>
    CancellationScope.nonCancellable(() =>
      auditActivities.deleteAuditSnapshot({ auditId, keepPeople: false }),
    )
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
