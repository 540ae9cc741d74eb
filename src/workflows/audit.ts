import { setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow'
import type { AuditInput, AuditProgress, AuditResult } from '../contracts/audit.ts'
import { progress } from '../contracts/messages.ts'
import { systemOfTaskQueue } from '../contracts/systems.ts'
import { parseAuditInput } from '../domain/run-input.ts'
import { badInput } from './lib/input.ts'
import { auditDetails, scanDetails } from './lib/run-details.ts'
import { auditActivities, withAuditCleanup, scanPopulation } from './lib/scan.ts'
import { withDescription } from './lib/descriptions.ts'

/**
 * Compares the records of everybody, or of the last few, across all stores of a system. It changes nothing in them,
 * except that an audit of everybody deletes data that is left of deleted people. It also opens and closes the alert
 * `gaps-found`.
 */
export async function audit(input: AuditInput = {}): Promise<AuditResult> {
  let now: AuditProgress = { step: 'Begin', done: 0, total: 0 }
  setHandler(progress, () => now, withDescription(progress))
  const request = parseAuditInput(input, systemOfTaskQueue(workflowInfo().taskQueue), new Date())
  if (!request.ok) throw badInput(request.complaints.join('; '))

  const result = await withAuditCleanup(workflowInfo().runId, async () => {
    const show = (next: AuditProgress): void => {
      now = next
      setCurrentDetails(scanDetails(now))
    }
    const scanned = await scanPopulation(request.value, show, { sweeps: true })
    const { auditId, system, scope, at, gaps, notices } = scanned
    // Before the copies are deleted: a clean-up that fails must not hold back an alert.
    await auditActivities.publishAuditAlerts({ auditId, system, scope, at, gaps, notices })
    if (request.value.scheduled) await auditActivities.deleteOldFindings()
    return scanned
  })
  setCurrentDetails(auditDetails(result))
  return result
}
