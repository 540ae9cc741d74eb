import { OutsideError } from '../../domain/outside-error.ts'
import type { CountedEvent, Totals } from '../ports/totals.ts'
import { UNREACHABLE } from './step-history.ts'

/** The most events that are kept in memory while the database is unavailable. */
const MOST_WAITING = 10_000
/** The most events of one write. */
const BATCH = 500

/** Counts that are kept in memory, since the database does not take them. */
export interface CountFailure {
  readonly error: OutsideError
  readonly waiting: number
  /** Those for which there was no room, which are lost. */
  readonly lost: number
}

/**
 * Counts events as a side effect of other work, which a failed count does not fail: the event is kept in memory, and
 * written with the next one. `report` is called with the first failure, and with the first that has another problem or
 * loses counts, until a write succeeds.
 */
export interface EventCounter {
  count(events: readonly CountedEvent[]): Promise<void>
  /** Only the newest are kept. */
  setGaps(counts: Readonly<Record<string, number>>, at: Date): Promise<void>
}

export function createEventCounter(
  totals: Totals,
  report: (failure: CountFailure) => void = () => {},
): EventCounter {
  const waiting: CountedEvent[] = []
  let gaps: Parameters<Totals['setGaps']> | null = null
  let writing: Promise<void> | null = null
  let lost = 0
  /** The failures reported since the last write. */
  const reported = new Set<string>()

  const failed = (error: OutsideError): void => {
    const what = `${error.problem} ${lost > 0}`
    if (reported.has(what)) return
    reported.add(what)
    report({ error, waiting: waiting.length, lost })
  }

  const write = async (): Promise<void> => {
    while (gaps !== null) {
      const now = gaps
      await totals.setGaps(...now)
      if (gaps === now) gaps = null
    }
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH)
      await totals.count(batch)
      waiting.splice(0, batch.length)
    }
  }

  /** One write at a time: events that come while it is in flight go with the next batch. */
  const flush = async (): Promise<void> => {
    try {
      do {
        writing ??= write().finally(() => (writing = null))
        await writing
      } while (waiting.length > 0 || gaps !== null) // one that came as the write in flight ended
      lost = 0
      reported.clear()
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      failed(error)
    }
  }

  return {
    async count(events) {
      if (events.length === 0) return
      const kept = events.slice(0, MOST_WAITING - waiting.length)
      lost += events.length - kept.length
      waiting.push(...kept)
      if (events.some(({ key }) => UNREACHABLE.has(key))) return // another query would only take time
      await flush()
    },

    async setGaps(counts, at) {
      gaps = [counts, at]
      await flush()
    },
  }
}
