import type { DatabaseKind } from '../contracts/database-kind.ts'
import type { Keyring } from '../crypto/keyring.ts'
import type { LimitedAction } from '../domain/safety-limit.ts'
import type { ActionLog } from './ports/actions.ts'
import type { AlertStore } from './ports/alerts.ts'
import type { AuditFindings } from './ports/audit-findings.ts'
import type { AuditMarks } from './ports/audit-marks.ts'
import type { Cursors } from './ports/cursors.ts'
import type { Ignored } from './ports/ignored.ts'
import type { NotedEvents } from './ports/noted-events.ts'
import type { OldDeletions } from './ports/old-deletions.ts'
import type { PersonalData, PersonRecords } from './ports/personal-data.ts'
import type { Plans } from './ports/plans.ts'
import type { Quarantine, QuarantineOptions, QuarantineSummary } from './ports/quarantine.ts'
import type { HeldActionsStore, SafetyLimits } from './ports/safety-limits.ts'
import type { SealedValues } from './ports/sealed-values.ts'
import type { SeenEvents } from './ports/seen-events.ts'
import type { StepHistory } from './ports/step-history.ts'
import type { Switches } from './ports/switches.ts'
import type { Tombstones } from './ports/tombstones.ts'
import type { Totals } from './ports/totals.ts'
import type { WorkerReports } from './ports/workers.ts'

/**
 * The state of one system: all data that Holdfast keeps for itself, in that system's own database. A function makes each
 * store that needs more than the database. A failed call throws the problem of the database, as an `OutsideError`.
 */
export interface State {
  readonly kind: DatabaseKind
  readonly actions: ActionLog
  readonly alerts: AlertStore
  readonly cursors: Cursors
  readonly findings: AuditFindings
  readonly heldActions: HeldActionsStore
  readonly ignored: Ignored
  readonly marks: AuditMarks
  readonly notedEvents: NotedEvents
  readonly oldDeletions: OldDeletions
  readonly plans: Plans
  readonly sealed: SealedValues
  readonly seenEvents: SeenEvents
  readonly switches: Switches
  readonly totals: Totals
  readonly workers: WorkerReports
  personalData(options: PersonalDataOptions): PersonalData
  quarantine(options: QuarantineOptions): Quarantine
  /** Reads no content and needs no key. */
  quarantineSummary(): Promise<QuarantineSummary>
  /**
   * `limits`: actions per hour by configuration; null for the share of all people that `hourlyLimit` computes, of which
   * `countPeople` says how many there are.
   */
  safetyLimits(
    limits: Readonly<Record<LimitedAction, number | null>>,
    countPeople: () => Promise<number>,
  ): SafetyLimits
  /** `build`: the version that the lines name. */
  stepHistory(build: string): StepHistory
  /** `hash`: the keyed hash by which a deleted person is known. */
  tombstones(hash: (identity: string) => string): Tombstones
  /** Resolves when the database answers and accepts a write. */
  ping(): Promise<void>
  /** Resolves when the database answers, within five seconds. Writes nothing. */
  checkHealth(): Promise<void>
}

export interface PersonalDataOptions {
  readonly keyring: Keyring
  readonly hash: (value: string) => string
  /** The records that only the system itself has. */
  readonly records: PersonRecords
}
