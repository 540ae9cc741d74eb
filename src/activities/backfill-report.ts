import type { RepairReports } from '../client/repair-reports.ts'
import type { RepairReport } from '../contracts/backfill.ts'

export interface BackfillReportActivities {
  /**
   * Notifies a backfill of the outcome of a repair it started. It may be notified twice; one that has ended is not
   * notified.
   */
  notifyBackfill(told: { to: string; report: RepairReport }): Promise<void>
}

export interface BackfillReportDeps {
  readonly repairReports: RepairReports
}

export function createBackfillReportActivities({
  repairReports,
}: BackfillReportDeps): BackfillReportActivities {
  return { notifyBackfill: ({ to, report }) => repairReports.send(to, report) }
}
