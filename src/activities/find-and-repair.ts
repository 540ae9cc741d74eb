import type { AuditCounts, AuditResult, AuditScope, RecordCount } from '../contracts/audit.ts'
import type { PlanMove, PlanSummary, RepairReport } from '../contracts/backfill.ts'
import type { System } from '../contracts/systems.ts'

/** One audit: whom it looks at, and the name its pages stand under. */
export interface AuditRef {
  readonly auditId: string
  readonly scope: AuditScope
}

/** A step of a scan; it is tried again from the cursor it heartbeats. */
export interface ScanStep {
  readonly name: string
  /** What the Temporal UI and the progress say while it lasts. */
  readonly summary: string
}

/** What a step counted. Steps add up. */
export interface ScanOutcome {
  readonly counts: Partial<AuditCounts>
  readonly records: Readonly<Record<string, Omit<RecordCount, 'percent'>>>
  /** People in scope who are ignored: in no other figure of people. */
  readonly ignored: number
  readonly notices: readonly string[]
}

/**
 * The questions `audit` and `backfill` ask of a system, answered on the system's own queue. All are set-based, page by
 * page, through collections that expire; each is safe to run twice.
 */
export interface FindAndRepairActivities {
  /** The steps of a scan, in order. Refuses a scope that names nobody (`bad-input`). */
  scanSteps(scope: AuditScope): Promise<ScanStep[]>
  scan(audit: AuditRef & { step: string }): Promise<ScanOutcome>
  /** Sums up what the steps found, and keeps it. */
  concludeAudit(
    audit: AuditRef & { system: System; at: string; outcomes: readonly ScanOutcome[] },
  ): Promise<AuditResult>
  /** Tells of an audit of everybody: settles the alert `gaps-found`, and closes the gaps of the log it has filled. */
  reportAudit(audit: AuditRef & Pick<AuditResult, 'system' | 'at' | 'gaps' | 'notices'>): Promise<void>
  /** The scope of a plan made before; null for one nobody knows, or whose time is over. */
  findPlan(plan: { planId: string }): Promise<AuditScope | null>
  /** What an audit's findings would change. Compared with the plan of that id where there is one, else kept under it. */
  makePlan(
    audit: AuditRef & { system: System; planId: string; population: number },
  ): Promise<{ plan: PlanSummary; moved: PlanMove[] }>
  /** Mends a page of people by statements on the database alone; `next` is null after the last. */
  repairInDatabase(page: {
    auditId: string
    after: string | null
  }): Promise<{ people: number; next: string | null }>
  /** Sets the next so many going, each by their own signup, which reports back. Fewer than asked: they were the last. */
  startRepairs(page: {
    auditId: string
    after: string | null
    limit: number
    reportTo: string
  }): Promise<string[]>
  /** For people who stay silent: what the stores, and then their signups, say. Who is still under way is left out. */
  lookAtRepairs(people: { auditId: string; identities: readonly string[] }): Promise<RepairReport[]>
  /** Looks again at everybody the plan names; how many lack nothing that Holdfast mends. */
  verifyRepairs(audit: AuditRef): Promise<{ verified: number }>
  /** Takes away what the audit copied from outside; `keepPeople` leaves what looking again needs. Findings stay. */
  dropCopies(copies: { auditId: string; keepPeople: boolean }): Promise<void>
}
