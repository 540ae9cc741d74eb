import type { AuditScope } from '../../contracts/audit.ts'
import type { PlanChange, PlanSummary } from '../../contracts/backfill.ts'

export interface Plans {
  /** Makes a plan from an audit's findings: the same findings always have the same digest. Stored only with `keep`. */
  make(plan: {
    planId: string
    audit: string
    scope: AuditScope
    population: number
    keep: boolean
  }): Promise<PlanSummary>
  load(planId: string): Promise<(PlanSummary & { audit: string; scope: AuditScope }) | null>
  /** The differences between an audit's findings and a plan's, the first `limit` of them. */
  moved(plan: { audit: string }, audit: string, limit: number): Promise<PlanChange[]>
}
