import type { HistoryEvent, SignupStep, StepOutcome, StepSuccess } from '../../contracts/history.ts'
import type { ProblemName } from '../../contracts/problems.ts'

export interface HistoryEntry {
  readonly step: SignupStep
  readonly outcome: StepOutcome
  readonly problem?: ProblemName | null
  /** Recorded only where the step has an entry already. */
  readonly quiet?: boolean
}

/**
 * The outcome of each person's steps, one line per change: `holdfast why` shows it after Temporal's retention. A line
 * that repeats the previous one of its step only increments a count, and a step that was done before gets no second
 * line.
 */
export interface StepHistory {
  /** Records steps that succeeded, in one write. Fails as every write does. */
  record(identity: string, entries: readonly HistoryEntry[]): Promise<void>
  /**
   * Records a step that failed. Never fails itself, so that the step's own failure is reported: a line that cannot be
   * written now is written with the person's next one. Returns whether the line is new: false where it repeats the
   * previous one of its step.
   */
  recordFailure(identity: string, step: SignupStep, problem: ProblemName): Promise<boolean>
  /** Oldest first; empty where nothing is known. */
  load(identity: string): Promise<HistoryEvent[]>
  /** The last success of each step, for any person. */
  lastSuccesses(): Promise<StepSuccess[]>
}
