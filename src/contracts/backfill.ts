import type { AuditProgress } from './audit.ts'
import type { Gap } from './gaps.ts'

/** What a `backfill` workflow is started with; an empty object is a dry run over everybody. */
export interface BackfillInput {
  /** From the task queue when left out. */
  readonly system?: string
  readonly tenant?: string
  readonly last?: number
  readonly id?: string
  /** Repairs what it finds; without it the plan is all. */
  readonly fix?: boolean
  /** Applies exactly this plan, or refuses. Needs `fix`. */
  readonly plan?: string
  /** The most people it may change, in place of the brake's own limit. */
  readonly maxChanges?: number
  /** What an earlier run of the same backfill hands on when it continues as new. */
  readonly carried?: BackfillCarry
}

export interface RepairFailure {
  readonly identity: string
  readonly problem: string
  readonly sentence: string
  readonly fix: string
}

/** What differs between the plan asked for and what the stores say now. */
export interface PlanMove {
  readonly identity: string
  readonly kind: Gap
  readonly what: 'no longer there' | 'new' | 'changed'
}

export interface BackfillResult {
  readonly backfillId: string
  readonly dryRun: boolean
  readonly planId: string
  /** SHA-256 over what would change: sorted identity, kind, evidence. */
  readonly digest: string
  /** People who lack something that Holdfast can mend. */
  readonly totalMissing: number
  readonly processed: number
  readonly successful: number
  readonly failed: number
  /** Findings left to a person. */
  readonly skipped: number
  /** Of those touched, how many the audit afterwards found whole. */
  readonly verified: number
  readonly message: string
  /** Why nothing was repaired although it was asked for; null otherwise. */
  readonly refused: 'brake' | 'plan-moved' | 'plan-unknown' | null
  /** The first of them. */
  readonly moved: readonly PlanMove[]
  /** The first of them. */
  readonly failures: readonly RepairFailure[]
}

export interface BackfillProgress {
  readonly phase: 'scanning' | 'repairing' | 'verifying' | 'done'
  readonly scan: AuditProgress | null
  readonly paused: boolean
  /** People. */
  readonly total: number
  readonly done: number
  readonly failed: number
  /** People a second, pauses left out; null until there is something to tell it from. */
  readonly rate: number | null
  readonly etaSeconds: number | null
}

/** What a signup tells the backfill that started it, once: where it came to rest. */
export interface RepairReport {
  readonly identity: string
  readonly outcome: 'done' | 'failed'
  /** For a failure: the problem's name, or the stage it ended in. */
  readonly problem: string | null
  readonly sentence: string
  readonly fix: string
}

export interface BackfillCarry {
  readonly plan: PlanSummary
  /** The last identity that was set going, or null. */
  readonly cursor: string | null
  readonly databaseDone: boolean
  readonly inFlight: readonly string[]
  readonly paused: boolean
  readonly done: number
  readonly failed: number
  readonly failures: readonly RepairFailure[]
  /** Milliseconds of repairing so far, pauses left out. */
  readonly activeMs: number
}

/** A plan as far as a workflow needs to know it; what is in it stays in MongoDB. */
export interface PlanSummary {
  readonly planId: string
  readonly digest: string
  /** People it would change. */
  readonly people: number
  /** Of them, those whom a statement on the database mends. */
  readonly byDatabase: number
  /** Findings left to a person. */
  readonly skipped: number
  /** Everybody at the providers. */
  readonly population: number
}
