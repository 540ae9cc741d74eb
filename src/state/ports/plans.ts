import type { AuditScope } from '../../contracts/audit.ts'
import type { PlanSummary } from '../../contracts/backfill.ts'

/** A plan, with the audit whose repairable findings are its content. */
export interface StoredPlan extends PlanSummary {
  readonly audit: string
  readonly scope: AuditScope
  /** Made with the consent to remove records. Missing in plans from before records could be removed. */
  readonly remove?: boolean
}

/** The changes that a backfill would make, for 30 days. The only personal data in them is people's ids. */
export interface Plans {
  /** Safe to repeat. */
  save(plan: StoredPlan): Promise<void>
  /** Null for an unknown or expired id. */
  load(planId: string): Promise<StoredPlan | null>
}
