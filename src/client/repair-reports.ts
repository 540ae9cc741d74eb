import { setTimeout as sleep } from 'node:timers/promises'
import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import type { RepairReport } from '../contracts/backfill.ts'
import { repaired } from '../contracts/messages.ts'
import { inTime } from './temporal.ts'

/** Reports that come so close together go as one: each signal costs the backfill a workflow task. */
const TOGETHER_MS = 100

export interface RepairReports {
  /**
   * `to`: the backfill's workflow id. Ends when it has been told, and fails where it could not be; when it has ended
   * meanwhile nobody is left to tell.
   */
  send(to: string, report: RepairReport): Promise<void>
}

export function createRepairReports(client: Client): RepairReports {
  const gathering = new Map<string, { readonly reports: RepairReport[]; readonly sent: Promise<void> }>()

  const signalAll = async (to: string, reports: readonly RepairReport[]): Promise<void> => {
    await sleep(TOGETHER_MS)
    gathering.delete(to)
    try {
      await inTime(client, () => client.workflow.getHandle(to).signal(repaired, ...reports))
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error
    }
  }

  return {
    send(to, report) {
      const open = gathering.get(to)
      if (open !== undefined) {
        open.reports.push(report)
        return open.sent
      }
      const reports = [report]
      const sent = signalAll(to, reports)
      gathering.set(to, { reports, sent })
      return sent
    },
  }
}
