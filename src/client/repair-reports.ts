import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import type { RepairReport } from '../contracts/backfill.ts'
import { repaired } from '../contracts/messages.ts'
import { inTime } from './temporal.ts'

export interface RepairReports {
  /** `to`: the backfill's workflow id. When it has ended meanwhile nobody is left to tell. */
  send(to: string, report: RepairReport): Promise<void>
}

export function createRepairReports(client: Client): RepairReports {
  return {
    async send(to, report) {
      try {
        await inTime(client, () => client.workflow.getHandle(to).signal(repaired, report))
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error
      }
    },
  }
}
