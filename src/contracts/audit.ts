import type { Finding, Gap } from './gaps.ts'
import type { System } from './systems.ts'

/** What an `audit` workflow is started with; everything may be left out. */
export interface AuditInput {
  /** From the task queue when left out. */
  readonly system?: string
  /** One tenant by its name; `both` or left out: all of them. */
  readonly tenant?: string
  /** Only the so many who signed up last. */
  readonly last?: number
  /** Only who signed up since: ISO 8601, or as long ago as `10m`, `2h`, `3d`. */
  readonly since?: string
}

/** Whom an audit looks at. */
export interface AuditScope {
  readonly tenant: string | null
  readonly last: number | null
  /** ISO 8601. */
  readonly since: string | null
  readonly id: string | null
}

/** The whole stores, whatever the scope; probes left out. */
export interface AuditCounts {
  readonly identities: number
  readonly verifications: number
  readonly users: number
  readonly handles: number
  readonly accounts: number
}

/** Of those who must have a record, how many have it. */
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
  /** The first of them; all are in MongoDB under the audit's id, where the command reads them. */
  readonly findings: readonly Finding[]
  /** What an operator should know besides, each a sentence. */
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
  readonly handle: string | null
  readonly did: string | null
  /** Whether the account's repository answers under its DID; null where there is none to ask for. */
  readonly reachable: boolean | null
  /** `healthy`, `young`, `in-progress`, `ignored`, or the person's gaps. */
  readonly state: string
}

/** The workflow's progress, from the `progress` query. */
export interface AuditProgress {
  readonly step: string
  readonly done: number
  readonly total: number
}
