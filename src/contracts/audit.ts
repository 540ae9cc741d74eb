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

/** Totals of all stores, whatever the scope; identities of `holdfast probe` are left out. */
export interface AuditCounts {
  readonly identities: number
  readonly verifications: number
  readonly users: number
  readonly handles: number
  readonly accounts: number
}

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
  /** The first of them; all are in MongoDB under the audit's id, where the command reads them. */
  readonly findings: readonly Finding[]
  /** Further notices for the operator, each a sentence. */
  readonly notices: readonly string[]
  readonly pass: boolean
}

/** One person of an audit of the last few, the healthy too. */
export interface PersonRow {
  readonly identity: string
  readonly tenant: string
  readonly verified: boolean
  /** ISO 8601; null where the provider does not know the person. */
  readonly signedUpAt: string | null
  /** How often an e-mail was verified; null where there is no record. */
  readonly verifications: number | null
  readonly user: boolean
  readonly code: string | null
  /** The account's handle, or the one in the user record; the chosen one while there is no account. */
  readonly handle: string | null
  /** The handle chosen in the application. */
  readonly chosen: string | null
  /** Set only with `--show-email`. */
  readonly email?: string | null
  readonly did: string | null
  /** Whether the account's repository answers under its DID; null where the person has no DID. */
  readonly reachable: boolean | null
  /** `healthy`, `young`, `in-progress`, `ignored`, `unknown` (to everybody asked), or the person's gaps. */
  readonly state: string
}

/** The workflow's progress, from the `progress` query. */
export interface AuditProgress {
  readonly step: string
  readonly done: number
  readonly total: number
}
