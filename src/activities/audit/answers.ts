import type { AuditScope } from '../../contracts/audit.ts'
import type { RepairBatches, RepairBy, RepairFailure } from '../../contracts/backfill.ts'
import type { PersonRef, System } from '../../contracts/systems.ts'
import type { AuditRef, ScanOutcome, ScanStep } from '../audit.ts'
import type { Scan } from '../lib/scan-cursor.ts'
import type { PersonToRepair } from '../../state/ports/audit-findings.ts'

/** The answers of a system to an audit and a backfill: who lacks what, and how it is repaired. */
export interface AuditAnswers {
  readonly system: System
  /** An audit may be of one of them alone; `-` where the system has no tenants. */
  readonly tenants: readonly string[]
  /** Null for an identity that no configured tenant owns. */
  tenantOf(identity: string): string | null
  /** The steps of a scan, in order. */
  scanSteps(scope: AuditScope): readonly ScanStep[]
  runScanStep(audit: AuditRef & { readonly step: string; readonly sweeps?: boolean }): Promise<ScanOutcome>
  /** How many people one batch of statements repairs, and how many workflows repair people at once. */
  readonly batches: RepairBatches
  /**
   * The people for whom Holdfast could still repair something, whether or not a workflow of theirs is running. `by`: the
   * way in which they were repaired; after a removal, the people whose record is still there.
   */
  stillLacking(
    auditId: string,
    identities: readonly string[],
    waitOutRateLimits: Scan<unknown>['waitOutRateLimits'],
    by: RepairBy,
  ): Promise<ReadonlySet<string>>
  /**
   * Repairs a batch by database statements alone; safe to repeat. Returns the people who failed, where it knows them. If
   * it throws a refusal of a record instead (`refusesRecord`), it is called again with halves of the batch until that
   * record is found.
   */
  repairInDatabase(people: readonly PersonToRepair[]): Promise<readonly RepairFailure[]>
  /**
   * Removes the records of these people, in the same way. Each statement checks once more that nobody owns them. Missing
   * where the system removes nothing.
   */
  remove?(people: readonly PersonToRepair[]): Promise<readonly RepairFailure[]>
  /** Starts a person's repair by workflow, which reports its outcome to that one once. */
  startRepair(person: PersonToRepair, reportTo: string): Promise<void>
  /** The state of a repair by another workflow than the person's signup. */
  otherRepair(person: PersonRef): Promise<OtherRepair>
  /** Waits for such a repair where it is still running after the signup reported, unless it has a problem. */
  awaitOtherRepair(person: PersonToRepair): Promise<void>
  /**
   * Deletes a batch of what the system's scan has copied for this audit, and returns whether that was all. `keepPeople`
   * keeps the list of people, for a backfill that audits the repaired people again.
   */
  deleteCopies(auditId: string, options: { readonly keepPeople: boolean }): Promise<{ all: boolean }>
  /** Deletes what its activities left over, where no other step would. */
  deleteLeftOvers(): Promise<void>
}

/** `none`: there is no such workflow, or it has done its work. */
export type OtherRepair = 'none' | 'running' | { readonly failed: RepairFault }

export interface RepairFault {
  readonly name: string
  readonly sentence: string
  readonly fix: string
}
