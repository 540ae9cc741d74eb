import type { SignupStep } from '../../contracts/history.ts'
import { namedError } from './failures.ts'
import { throwIfCancelled } from './cancellation.ts'
import type { HistoryEntry, StepHistory } from '../../state/ports/step-history.ts'

interface HistoryOptions<R> {
  readonly journal: StepHistory
  readonly step: SignupStep
  /** The lines written for a success; none where a later step writes them. */
  readonly done?: (result: R) => readonly HistoryEntry[]
}

/**
 * Records the outcome of a person's step. A planned wait (a rate limit) is no failure and gets no line; nor does an
 * attempt that has timed out: its signup is notified, and a line written now could come after a deletion.
 */
export function withHistory<P extends { readonly identity: string }, R>(
  { journal, step, done = () => [] }: HistoryOptions<R>,
  activity: (person: P) => Promise<R>,
): (person: P) => Promise<R> {
  return async (person) => {
    const result = await activity(person).catch(async (error: unknown) => {
      throwIfCancelled()
      const outside = namedError(error)
      if (outside === null || outside.retryAt === null)
        await journal.recordFailure(person.identity, step, outside?.problem ?? 'unexpected')
      throw error
    })
    const entries = done(result)
    if (entries.length > 0) {
      throwIfCancelled()
      await journal.record(person.identity, entries)
    }
    return result
  }
}
