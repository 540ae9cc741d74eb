import type { Finding, Gap } from './gaps.ts'
import type { System } from './systems.ts'

/** Input of an `audit` workflow; every field may be left out. */
export interface AuditInput {
  /** Taken from the task queue when left out. */
  readonly system?: string
  /** One tenant by its name; `both` or left out: all of them. */
  readonly tenant?: string
  /** Only this many people, those who signed up last. */
  readonly last?: number
  /** Only people who signed up since then: ISO 8601, or an age as `10m`, `2h`, `3d`. */
  readonly since?: string
  /** Only this person, by identity. */
  readonly id?: string
  /** Set by the schedule: the findings are kept for two such audits, not for 30 days. */
  readonly scheduled?: boolean
}

/** The people an audit covers. */
export interface AuditScope {
  readonly tenant: string | null
  readonly last: number | null
  /** ISO 8601. */
  readonly since: string | null
  readonly id: string | null
}

/**
 * Totals of all stores, whatever the scope; identities of `holdfast probe` are left out. The system's vocabulary has
 * the stores.
 */
export type AuditCounts = Readonly<Record<string, number>> & { readonly identities: number }

/** Of the people who must have a record, the number who have it. */
export interface RecordCount {
  readonly have: number
  readonly due: number
  readonly percent: number
}

export interface AuditResult {
  readonly system: System
  readonly auditId: string
  /** ISO 8601: when it began. */
  readonly at: string
  readonly scope: AuditScope
  readonly counts: AuditCounts
  readonly records: Readonly<Record<string, RecordCount>>
  readonly gaps: Partial<Record<Gap, number>>
  /** People who are ignored (`holdfast ignore`): in no gap, and in no figure but the stores'. */
  readonly ignored: number
  /** People who signed up within `HOLDFAST_GRACE_MINUTES`, and people whose signup is in progress: not judged yet. */
  readonly young: number
  readonly inProgress: number
  /** Deleted people whose account stayed with a living person whose user record refers to it too; of all tenants. */
  readonly accountsLeft: number
  /** The first of them; all are stored under the audit's id, where the command reads them. */
  readonly findings: readonly Finding[]
  /** Further notices for the operator, each a sentence. */
  readonly notices: readonly string[]
  /** Comparisons of whole stores, each passed or failed; left out where the system makes none. */
  readonly checks?: readonly AuditCheck[]
  /** Figures of the last day's signups; left out where the system has none. */
  readonly health?: Readonly<Record<string, number>>
  readonly pass: boolean
}

/** One comparison of whole stores. */
export interface AuditCheck {
  readonly name: string
  readonly pass: boolean
  readonly count: number
  /** The count in words. */
  readonly details: string
}

/**
 * One person of an audit of the last few, the healthy too. Its further columns are those of the system's vocabulary;
 * times are ISO 8601, and null is what there is none of.
 */
export interface PersonRow {
  readonly identity: string
  readonly tenant: string
  /** Set only with `--show-email`. */
  readonly email?: string | null
  /** `healthy`, `young`, `in-progress`, `ignored`, `unknown` (to everybody asked), or the person's gaps. */
  readonly state: string
  readonly [column: string]: string | number | boolean | null | undefined
}

/** The workflow's progress, from the `progress` query. */
export interface AuditProgress {
  readonly step: string
  readonly done: number
  readonly total: number
}
