import type { AuditCounts, AuditResult, PersonRow } from '../../contracts/audit.ts'
import type { RepairBy } from '../../contracts/backfill.ts'
import type { Finding, Gap, RepairMethod } from '../../contracts/gaps.ts'
import type { PersonRef } from '../../contracts/systems.ts'

export interface AuditFindings {
  /** Safe to repeat. `scheduled`: started by a schedule, so only the findings of the last two such audits are kept. */
  add(audit: string, findings: readonly Finding[], scheduled?: boolean): Promise<void>
  addPeople(audit: string, rows: readonly PersonRow[]): Promise<void>
  /** In order of identity and kind, in which a digest is computed. */
  iterate(audit: string): AsyncIterable<Finding>
  first(audit: string, limit: number): Promise<Finding[]>
  /** An audit's findings on these people, of these kinds. */
  ofPeople(audit: string, identities: readonly string[], kinds: readonly Gap[]): Promise<Finding[]>
  /** Newest first. */
  iteratePeople(audit: string): AsyncIterable<PersonRow>
  counts(audit: string): Promise<Partial<Record<Gap, number>>>
  /**
   * The number of identities with a gap of these kinds, the number of gaps of each kind, and the start of the earliest.
   * `except`: people whose gaps of the kinds in `exceptOf` are left out.
   */
  affected(
    audit: string,
    kinds: readonly Gap[],
    left?: { readonly except: readonly string[]; readonly exceptOf: readonly Gap[] },
  ): Promise<{ identities: number; kinds: Partial<Record<Gap, number>>; since: string | null }>
  /** The identities with a gap of these kinds for which `matches` holds, each once. */
  identitiesOf(
    audit: string,
    kinds: readonly Gap[],
    matches: (person: PersonRef) => boolean,
  ): Promise<string[]>
  /** The id of the newest completed audit of everybody; null where there is none. */
  latestFullAudit(): Promise<string | null>
  /** A page of the people to be repaired in that way (`repairWayOf`), in order, after `after`. */
  peopleToRepair(audit: string, by: RepairBy, after: string | null, limit: number): Promise<PersonToRepair[]>
  saveResult(result: AuditResult, scheduled?: boolean): Promise<void>
  /** Deletes a batch of findings of scheduled audits before the last two. `all`: none are left. */
  deleteOld(): Promise<{ all: boolean }>
  /**
   * The counts of the stores from audits that began after `since` and before `until`, ISO 8601; they cover the whole
   * stores, whatever the audit's scope.
   */
  countsBetween(since: string, until: string): Promise<{ at: string; counts: AuditCounts }[]>
  /** Null for an unknown or expired id. */
  loadResult(audit: string): Promise<Omit<AuditResult, 'findings'> | null>
}

export interface PersonToRepair {
  readonly identity: string
  readonly tenant: string
  readonly since: string | null
  readonly repairs: readonly RepairMethod[]
}
