import type { RepairReports } from '../client/repair-reports.ts'
import type { RepairReport } from '../contracts/backfill.ts'

export interface ReportActivities {
  /** Tells a backfill where somebody it set going came to rest. It may be told twice; one that has ended is not told. */
  reportRepair(told: { to: string; report: RepairReport }): Promise<void>
}

export function createReportActivities({
  repairReports,
}: {
  repairReports: RepairReports
}): ReportActivities {
  return { reportRepair: ({ to, report }) => repairReports.send(to, report) }
}
