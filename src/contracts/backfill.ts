import type { AuditProgress, AuditScope } from './audit.ts'
import type { Gap } from './gaps.ts'

/** Input of a `backfill` workflow; an empty object is a dry run over everybody. */
export interface BackfillInput {
  /** Taken from the task queue when left out. */
  readonly system?: string
  readonly tenant?: string
  readonly last?: number
  readonly id?: string
  /** Repairs what it finds; without it the backfill only makes a plan. */
  readonly fix?: boolean
  /** Applies exactly this plan, or refuses. Needs `fix`. */
  readonly plan?: string
  /** Also removes the records that nobody owns, last. Without it they are only counted. */
  readonly remove?: boolean
  /** The most people it may change, in place of the configured safety limit. */
  readonly maxChanges?: number
  /** State carried over from the previous run when the backfill continues as new. */
  readonly carried?: BackfillCarry
}

export interface RepairFailure {
  readonly identity: string
  readonly problem: string
  readonly sentence: string
  readonly fix: string
}

/** A difference between the requested plan and the current state of the stores. */
export interface PlanChange {
  readonly identity: string
  readonly kind: Gap
  readonly what: 'no longer there' | 'new' | 'changed'
}

export interface BackfillResult {
  readonly backfillId: string
  readonly dryRun: boolean
  readonly planId: string
  /** SHA-256 over the planned changes: sorted identity, kind, evidence. */
  readonly digest: string
  /** People who lack something that Holdfast can repair. */
  readonly totalMissing: number
  readonly processed: number
  readonly successful: number
  readonly failed: number
  /** Findings left to an operator. */
  readonly skipped: number
  /** The skipped findings by gap; missing in results and plans from before they were counted. */
  readonly skippedKinds?: Readonly<Record<string, number>>
  /** The number of repaired people whom the audit afterwards found complete. */
  readonly verified: number
  /** Of `totalMissing`, people whose records are removed by this run; 0 without `remove`. */
  readonly removals: number
  /** Of `successful`, those of them whose records are gone. */
  readonly removed: number
  /** People whose records would be removed with `remove`, and are left alone without it. */
  readonly removable: number
  readonly message: string
  /** Further notices of the scan, each a sentence. */
  readonly notices: readonly string[]
  /**
   * Why nothing was repaired although a repair was requested; null otherwise. `plan-consent`: the plan was made with
   * `remove` and is applied without it, or the reverse.
   */
  readonly refused: 'brake' | 'plan-moved' | 'plan-unknown' | 'plan-consent' | null
  /** The first of them. */
  readonly planChanges: readonly PlanChange[]
  /** The first of them. */
  readonly failures: readonly RepairFailure[]
}

export interface BackfillProgress {
  readonly phase: 'scanning' | 'planning' | 'repairing' | 'removing' | 'verifying' | 'done'
  readonly scan: AuditProgress | null
  readonly paused: boolean
  /** The outage, or the pause of the whole system, that the run waits for; null while it proceeds. */
  readonly waitsFor: RunWait | null
  /** People. */
  readonly total: number
  readonly done: number
  readonly failed: number
  /** People a second, pauses left out; null until it can be computed. */
  readonly rate: number | null
  readonly etaSeconds: number | null
}

export interface RunWait {
  readonly problem: string
  readonly sentence: string
  readonly fix: string
  /** ISO 8601. */
  readonly since: string
}

/** The report that a signup sends once to the backfill that started it: the outcome of the repair. */
export interface RepairReport {
  readonly identity: string
  readonly outcome: 'done' | 'failed'
  /** For a failure: the problem's name, or the stage it ended in. */
  readonly problem: string | null
  readonly sentence: string
  readonly fix: string
}

/** A person whose repair has been started and has not reported yet. */
export interface InFlightRepair {
  readonly identity: string
  /** The backfill's `activeMs` when the repair was started. */
  readonly startedAtMs: number
}

/** How many people of a system are repaired by one batch of statements, and how many of their workflows run at once. */
export interface RepairBatches {
  readonly database: number
  readonly removal: number
  /** Workflows in flight, as long as none is slow. */
  readonly workflows: number
  /** Workflows in flight at most: a slow one makes room for another. */
  readonly workflowsAtMost: number
}

/** The sizes that a workflow needs. An activity returns them, so that a replay has the same ones. */
export type WorkflowBatches = Pick<RepairBatches, 'workflows' | 'workflowsAtMost'>

/** The way in which a person is repaired; each person of a plan is repaired in exactly one. */
export type RepairBy = 'database' | 'workflow' | 'remove'

/** The position in a phase that goes through the plan page by page. */
export interface PhasePlace {
  /** The last identity of the page before; null before the first. */
  readonly after: string | null
  readonly done: boolean
}

/** The position of the check of everybody who was changed. */
export interface VerifyPlace {
  readonly by: RepairBy
  readonly after: string | null
  readonly verified: number
}

/** Fields that may be missing came later than the first version. */
export interface BackfillCarry {
  /** The audit whose findings are being repaired. */
  readonly audit: { readonly auditId: string; readonly scope: AuditScope }
  readonly plan: PlanSummary
  readonly notices: readonly string[]
  /** The cursor of repairs by database statements: they continue after it; null before the first page. */
  readonly databaseAfter: string | null
  readonly databaseDone: boolean
  /** The last identity whose repair was started, or null. */
  readonly cursor: string | null
  /** Every repair of the plan has been started. */
  readonly allStarted: boolean
  readonly inFlight: readonly InFlightRepair[]
  readonly workflowBatches?: WorkflowBatches
  /** Missing where nothing is removed. */
  readonly removal?: PhasePlace
  /** Set once the check afterwards has begun. */
  readonly verifying?: VerifyPlace
  readonly waitsFor?: RunWait | null
  readonly paused: boolean
  readonly done: number
  readonly failed: number
  readonly removed?: number
  readonly failures: readonly RepairFailure[]
  /** Milliseconds spent on repairs so far, pauses left out. */
  readonly activeMs: number
}

/** The part of a plan that a workflow needs; its contents stay in the state of the system. */
export interface PlanSummary {
  readonly planId: string
  readonly digest: string
  /** People it would change. */
  readonly people: number
  /** Of them, those whom a database statement repairs. */
  readonly byDatabase: number
  /** Of them, those whose records are removed; missing in plans from before records could be removed. */
  readonly removals?: number
  /** People whose records would be removed with `remove`; not among `people`. */
  readonly removable?: number
  /** Findings left to an operator. */
  readonly skipped: number
  /** The skipped findings by gap. */
  readonly skippedKinds?: Readonly<Record<string, number>>
  /** Number of people at the providers. */
  readonly population: number
}
