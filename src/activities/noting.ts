import type { Entry, Journal } from '../adapters/mongo/journal.ts'
import type { Step } from '../contracts/history.ts'
import { outsideError } from './failures.ts'
import { assertStillWanted } from './lib/still-wanted.ts'

interface Noted<R> {
  readonly journal: Journal
  readonly step: Step
  /** The lines a success is worth; none where a later step tells it. */
  readonly done?: (result: R) => readonly Entry[]
}

/**
 * Keeps what became of a person's step. A turn to wait for (a rate limit) is no failure and gets no line; nor does an
 * attempt whose time is up: its signup is told, and a line written now could come after a deletion.
 */
export function noting<P extends { readonly identity: string }, R>(
  { journal, step, done = () => [] }: Noted<R>,
  activity: (person: P) => Promise<R>,
): (person: P) => Promise<R> {
  return async (person) => {
    const result = await activity(person).catch(async (error: unknown) => {
      assertStillWanted()
      const outside = outsideError(error)
      if (outside === null || outside.retryAt === null)
        await journal.failed(person.identity, step, outside?.problem ?? 'unexpected')
      throw error
    })
    const entries = done(result)
    if (entries.length > 0) {
      assertStillWanted()
      await journal.note(person.identity, entries)
    }
    return result
  }
}
