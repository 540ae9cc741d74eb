import type { SignupStep } from '../../contracts/history.ts'
import type { EndStage } from '../../contracts/stages.ts'
import { namedError } from './failures.ts'
import { throwIfCancelled } from './cancellation.ts'
import type { SignupCounts } from './signup-counts.ts'
import type { HistoryEntry, StepHistory } from '../../state/ports/step-history.ts'

interface HistoryOptions<P, R> {
  readonly journal: StepHistory
  readonly counts: SignupCounts
  readonly step: SignupStep
  /** The lines written for a success; none where a later step writes them. */
  readonly done?: (result: R) => readonly HistoryEntry[]
  /** The stage in which the signup ends by this result; null where it goes on. */
  readonly endsIn?: (result: R, person: P) => EndStage | null
  /** When the person signed up, ISO 8601, where this end is the first one they reach; its time is then counted. */
  readonly since?: (person: P) => string | undefined
}

/**
 * Records the outcome of a person's step, and counts it. A planned wait (a rate limit) is no failure and gets no line;
 * nor does an attempt that has timed out: its signup is notified, and a line written now could come after a deletion.
 */
export function withHistory<P extends { readonly identity: string }, R>(
  {
    journal,
    counts,
    step,
    done = () => [],
    endsIn = () => null,
    since = () => undefined,
  }: HistoryOptions<P, R>,
  activity: (person: P) => Promise<R>,
): (person: P) => Promise<R> {
  return async (person) => {
    const result = await activity(person).catch(async (error: unknown) => {
      throwIfCancelled()
      const outside = namedError(error)
      if (outside === null || outside.retryAt === null) {
        const problem = outside?.problem ?? 'unexpected'
        const isNew = await journal.recordFailure(person.identity, step, problem)
        await counts.failed(problem, isNew)
      }
      throw error
    })
    const entries = done(result)
    const outcome = endsIn(result, person)
    throwIfCancelled()
    await Promise.all([
      entries.length === 0 ? null : journal.record(person.identity, entries),
      outcome === null ? null : counts.ended(outcome, since(person)),
    ])
    return result
  }
}
