import type { HistoryEvent, SignupStep, StepSuccess } from '../../contracts/history.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { HistoryEntry, StepHistory } from '../ports/step-history.ts'

/** The interval at which a process writes the last success of a step, in milliseconds. */
const SUCCESS_EVERY_MS = 10_000
/** The most people whose lines are kept in memory while the database is unavailable. */
const MOST_PENDING = 10_000
/** The database that holds the history does not answer: another query would only take time. */
export const UNREACHABLE: ReadonlySet<string> = new Set(['mongo-unreachable', 'postgres-unreachable'])

export interface DatedEntry extends HistoryEntry {
  readonly at: Date
}

export type StoredLine = Pick<HistoryEvent, 'step' | 'times'>

/** The statements of one database. */
export interface HistoryStatements {
  /** Adds the lines in their order, by the rules of `StepHistory`. Returns all lines of the person afterwards. */
  write(identity: string, lines: readonly DatedEntry[]): Promise<readonly StoredLine[]>
  saveSuccess(step: SignupStep, at: Date): Promise<void>
  load(identity: string): Promise<HistoryEvent[]>
  lastSuccesses(): Promise<StepSuccess[]>
}

/** The history of either database: the lines that wait in memory, and the pace of the last successes. */
export function createBufferedHistory(statements: HistoryStatements, now: () => Date): StepHistory {
  const waiting = new Map<string, DatedEntry[]>()
  const written = new Map<SignupStep, number>()

  const write = async (
    identity: string,
    entries: readonly HistoryEntry[],
  ): Promise<readonly StoredLine[]> => {
    const at = now()
    const lines = await statements.write(identity, [
      ...(waiting.get(identity) ?? []),
      ...entries.map((entry) => ({ ...entry, at })),
    ])
    waiting.delete(identity)
    return lines
  }

  const succeeded = async (step: SignupStep): Promise<void> => {
    const at = now()
    if (at.getTime() - (written.get(step) ?? 0) < SUCCESS_EVERY_MS) return
    written.set(step, at.getTime())
    await statements.saveSuccess(step, at)
  }

  const recordLater = (identity: string, entry: HistoryEntry): boolean => {
    const theirs = waiting.get(identity) ?? []
    const repeated = theirs.some(({ step, problem }) => step === entry.step && problem === entry.problem)
    if (repeated || (theirs.length === 0 && waiting.size >= MOST_PENDING)) return !repeated
    waiting.set(identity, [...theirs, { ...entry, at: now() }])
    return true
  }

  return {
    async record(identity, entries) {
      await Promise.all([
        write(identity, entries),
        ...entries.filter(({ outcome }) => outcome === 'done').map(({ step }) => succeeded(step)),
      ])
    },

    async recordFailure(identity, step, problem) {
      const entry: HistoryEntry = { step, outcome: 'problem', problem }
      if (UNREACHABLE.has(problem)) return recordLater(identity, entry)
      try {
        const lines = await write(identity, [entry])
        return lines.findLast((line) => line.step === step)?.times === 1
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        return recordLater(identity, entry)
      }
    },

    load: (identity) => statements.load(identity),
    lastSuccesses: () => statements.lastSuccesses(),
  }
}
