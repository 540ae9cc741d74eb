import { randomUUID } from 'node:crypto'
import { asyncLocalStorage } from '@temporalio/activity'
import type { IdentityHash } from '../../contracts/ids.ts'
import type { ProblemName } from '../../contracts/problems.ts'
import type { EndStage } from '../../contracts/stages.ts'
import { endsSignup } from '../../domain/problems.ts'
import { timeBucket } from '../../domain/time-buckets.ts'
import type { EventCounter } from '../../state/lib/event-counter.ts'
import type { CountedEvent } from '../../state/ports/totals.ts'

/** The durable counts of signups. They never fail: a count that cannot be written now is written later. */
export interface SignupCounts {
  /** Counts that the run of the current activity began: once for each run, despite any retries. */
  began(): Promise<void>
  /**
   * Counts that the run of the current activity ends in this stage: once for each run, despite any retries. `since`: when
   * the person signed up, ISO 8601, where they complete for the first time: the time that it took is counted too.
   */
  ended(outcome: EndStage, since?: string): Promise<void>
  /**
   * Counts that a step failed. `isNew`: it did not fail with this problem before. A problem that ends the signup also
   * counts as its end.
   */
  failed(problem: ProblemName, isNew: boolean): Promise<void>
}

/** `hash`: the keyed hash, since the id of a run may be looked up at Temporal. */
export function createSignupCounts(counter: EventCounter, hash: IdentityHash): SignupCounts {
  /** Every attempt of an activity has the same id and the same time. */
  const event = (name: CountedEvent['name'], key: string, of: 'run' | 'activity'): CountedEvent => {
    const info = asyncLocalStorage.getStore()?.info
    const run = info?.workflowExecution?.runId ?? randomUUID() // outside of an activity: a bench
    const id = of === 'run' ? run : `${run}/${info?.activityId ?? ''}`
    return { name, key, id: hash(id), at: new Date(info?.scheduledTimestampMs ?? Date.now()) }
  }
  return {
    began: () => counter.count([event('begun', 'all', 'run')]),
    ended(outcome, since) {
      const ended = event('signups', outcome, 'run')
      if (since === undefined) return counter.count([ended])
      const seconds = (ended.at.getTime() - Date.parse(since)) / 1_000
      return counter.count([ended, event('times', timeBucket(seconds), 'run')])
    },
    failed: (problem, isNew) =>
      counter.count([
        ...(isNew ? [event('blocked', problem, 'activity')] : []),
        ...(endsSignup(problem) ? [event('signups', 'refused' satisfies EndStage, 'run')] : []),
      ]),
  }
}

/** For work that is no signup, such as a rehearsal. */
export const NO_COUNTS: SignupCounts = {
  began: async () => {},
  ended: async () => {},
  failed: async () => {},
}
