import type { WorkerReport } from '../../contracts/workers.ts'

export type WorkerInfo = Omit<WorkerReport, 'ageMs' | 'stopped' | 'startedAt'> & { readonly startedAt: Date }

export interface WorkerReports {
  /** Reports that the worker lives; `stopped`: that it takes no more work. */
  report(worker: WorkerInfo, stopped: boolean): Promise<void>
  /** Every worker of the last day, the newest report first. */
  list(): Promise<WorkerReport[]>
}
