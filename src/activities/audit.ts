import type { AuditCheck, AuditCounts, AuditResult, AuditScope, RecordCount } from '../contracts/audit.ts'
import type {
  PlanChange,
  PlanSummary,
  RepairBy,
  RepairFailure,
  RepairReport,
  WorkflowBatches,
} from '../contracts/backfill.ts'
import type { Gap } from '../contracts/gaps.ts'
import type { System } from '../contracts/systems.ts'

/** One audit: its scope, and the id under which its data is stored. */
export interface AuditRef {
  readonly auditId: string
  readonly scope: AuditScope
  /** Started by the schedule, so that its findings are kept for two audits only. */
  readonly scheduled?: boolean
}

/** A step of a scan; it is retried from the cursor that it heartbeats. */
export interface ScanStep {
  readonly name: string
  /** Text for the Temporal UI and the progress while the step runs. */
  readonly summary: string
}

/** The counts of one step; they are added up. */
export interface ScanOutcome {
  readonly counts: Partial<AuditCounts>
  readonly records: Readonly<Record<string, Omit<RecordCount, 'percent'>>>
  /** People in scope who are ignored: in no other figure of people. */
  readonly ignored: number
  /** People who signed up within the grace time, and people whose signup is in progress: not judged yet. */
  readonly young: number
  readonly inProgress: number
  /** Gaps that are counted and not kept as findings, since no action is needed. */
  readonly counted?: Partial<Record<Gap, number>>
  readonly notices: readonly string[]
  /** As in `AuditResult`. */
  readonly checks?: readonly AuditCheck[]
  readonly health?: Readonly<Record<string, number>>
}

/** A page of the people to be repaired in one way. */
export interface RepairPage {
  readonly auditId: string
  readonly after: string | null
  /** The most failures that are returned by name; further ones are only counted. */
  readonly namesAtMost: number
}

export interface RepairedPage {
  readonly done: number
  readonly failed: number
  /** The first of those that failed. */
  readonly failures: readonly RepairFailure[]
  /** Null after the last page. */
  readonly next: string | null
}

/**
 * Activities of `audit` and `backfill`, run on the system's own queue. All are set-based, page by page, through
 * collections that expire; each is safe to run twice.
 */
export interface AuditActivities {
  /**
   * The steps of a scan, in order. Refuses (`bad-input`) a scope with an unknown tenant, and `remove` for a system that
   * removes nothing.
   */
  listScanSteps(scope: AuditScope & { readonly remove?: boolean }): Promise<ScanStep[]>
  /** `sweeps`: request another sweep for each document of a deleted person. */
  runScanStep(audit: AuditRef & { step: string; sweeps?: boolean }): Promise<ScanOutcome>
  /** Adds up the outcomes of the steps, and stores the result. */
  concludeAudit(
    audit: AuditRef & { system: System; at: string; outcomes: readonly ScanOutcome[] },
  ): Promise<AuditResult>
  /**
   * Publishes an audit of everybody: reconciles the alert `gaps-found`, and closes the gaps of the log that the audit
   * covers.
   */
  publishAuditAlerts(audit: AuditRef & Pick<AuditResult, 'system' | 'at' | 'gaps' | 'notices'>): Promise<void>
  /** Deletes what no audit needs any more: findings of scheduled audits before the last two, and intents left over. */
  deleteOldFindings(): Promise<void>
  /**
   * The scope of an earlier plan, and whether it was made with the consent to remove records; null for one that does not
   * exist or has expired.
   */
  loadPlanScope(plan: { planId: string }): Promise<{ scope: AuditScope; remove: boolean } | null>
  /**
   * Makes a plan from an audit's findings. It is compared with the plan of that id where there is one, and stored under
   * it otherwise. Also returns how many workflows of the system repair people at once.
   */
  makePlan(
    audit: AuditRef & { system: System; planId: string; population: number; remove: boolean },
  ): Promise<{ plan: PlanSummary; moved: PlanChange[]; batches: WorkflowBatches }>
  /**
   * Repairs a page of people by database statements alone. A record that the database refuses fails by name and delays
   * no other one. Refused while the system is paused.
   */
  repairInDatabase(page: RepairPage): Promise<RepairedPage>
  /** Removes the records of a page of people, in the same way. Refused while the system, or its deletions, are paused. */
  removeRecords(page: RepairPage): Promise<RepairedPage>
  /**
   * Starts the repair of the next `limit` people, each by their own signup, which reports back. Fewer than `limit`
   * means that they were the last. Refused while the system is paused.
   */
  startRepairs(page: {
    auditId: string
    after: string | null
    limit: number
    reportTo: string
  }): Promise<string[]>
  /**
   * Checks people whose repair has not reported, in the stores and then in their signups. Repairs still in flight are
   * left out. Refused while the system is paused: their workflows wait for its end.
   */
  pollRepairs(people: { auditId: string; identities: readonly string[] }): Promise<RepairReport[]>
  /** Checks a page of the people in the plan again; returns how many have no gap left that Holdfast repairs. */
  verifyRepairs(page: {
    auditId: string
    by: RepairBy
    after: string | null
  }): Promise<{ verified: number; next: string | null }>
  /** Deletes the audit's copies; `keepPeople` keeps those that a later check needs. Findings stay. */
  deleteAuditSnapshot(copies: { auditId: string; keepPeople: boolean }): Promise<void>
}
