import { setTimeout as sleep } from 'node:timers/promises'
import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import type { RepairReport } from '../contracts/backfill.ts'
import { repaired } from '../contracts/messages.ts'
import { withDeadline } from './temporal.ts'

/** Reports within this time are sent as one signal: each signal costs the backfill a workflow task. */
const TOGETHER_MS = 100

export interface RepairReports {
  /**
   * Reports to the backfill with the workflow id `to`. Returns when the backfill has been notified, and fails where
   * that was not possible; a backfill that has ended meanwhile needs no report.
   */
  send(to: string, report: RepairReport): Promise<void>
}

export function createRepairReports(client: Client): RepairReports {
  const batches = new Map<string, { readonly reports: RepairReport[]; readonly sent: Promise<void> }>()

  const signalAll = async (to: string, reports: readonly RepairReport[]): Promise<void> => {
    await sleep(TOGETHER_MS)
    batches.delete(to)
    try {
      await withDeadline(client, () => client.workflow.getHandle(to).signal(repaired, ...reports))
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error
    }
  }

  return {
    send(to, report) {
      const open = batches.get(to)
      if (open !== undefined) {
        open.reports.push(report)
        return open.sent
      }
      const reports = [report]
      const sent = signalAll(to, reports)
      batches.set(to, { reports, sent })
      return sent
    },
  }
}
