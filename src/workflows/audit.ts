import { ApplicationFailure, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow'
import type { AuditInput, AuditProgress, AuditResult } from '../contracts/audit.ts'
import { progress } from '../contracts/messages.ts'
import { systemOfTaskQueue } from '../contracts/systems.ts'
import { readAuditInput } from '../domain/run-input.ts'
import { auditDetails, scanDetails } from './lib/run-details.ts'
import { findAndRepair, lettingGo, scanPopulation } from './lib/scan.ts'

/**
 * Everybody, or the last few, joined across all stores of a system; changes nothing there. One of everybody opens and
 * settles the alert `gaps-found`.
 */
export async function audit(input: AuditInput = {}): Promise<AuditResult> {
  let now: AuditProgress = { step: 'Begin', done: 0, total: 0 }
  setHandler(progress, () => now)
  const request = readAuditInput(input, systemOfTaskQueue(workflowInfo().taskQueue), new Date())
  if (!request.ok) throw ApplicationFailure.nonRetryable(request.complaints.join('; '), 'bad-input')

  const result = await lettingGo(workflowInfo().runId, () =>
    scanPopulation(request.value, (next) => {
      now = next
      setCurrentDetails(scanDetails(now))
    }),
  )
  const { auditId, system, scope, at, gaps, notices } = result
  await findAndRepair.reportAudit({ auditId, system, scope, at, gaps, notices })
  setCurrentDetails(auditDetails(result))
  return result
}
