import type { Db } from 'mongodb'
import type { HistoryEvent, Step, StepOutcome, StepSuccess } from '../../contracts/history.ts'
import type { ProblemName } from '../../contracts/problems.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { inMongo } from './errors.ts'
import { addedLine, type EventDocument } from './journal-line.ts'

const HISTORY = 'holdfast_history'
const LAST = 'holdfast_steps'

/** How often a process writes that a step succeeds at all, in milliseconds. */
const SUCCESS_EVERY_MS = 10_000
/** People whose lines wait for a database that is away. */
const MOST_WAITING = 10_000

interface HistoryDocument {
  _id: string
  events: EventDocument[]
}

/** `_id` is the system and the step. */
interface StepDocument {
  _id: string
  at: Date
  build: string
}

export interface Entry {
  readonly step: Step
  readonly outcome: StepOutcome
  readonly problem?: ProblemName | null
  /** Worth a line only where the step had one before: it passes unnoticed for everybody else. */
  readonly quiet?: boolean
}

interface Line extends Entry {
  readonly at: Date
}

/**
 * What became of each person's steps, a line a change: `holdfast why` tells it after Temporal has forgotten. A line that
 * repeats the one before it of its step only counts up, and a step that was done before gets no second line.
 */
export interface Journal {
  /** Steps that succeeded, in one write. Fails as every write does. */
  note(identity: string, entries: readonly Entry[]): Promise<void>
  /**
   * A step that failed. Never fails itself, so that the step's own failure is the one that is heard: what cannot be
   * written now is written with the person's next line.
   */
  failed(identity: string, step: Step, problem: ProblemName): Promise<void>
  /** Oldest first; empty where nothing is known. */
  of(identity: string): Promise<HistoryEvent[]>
  /** When each step last succeeded, for anybody. */
  lastSuccesses(): Promise<StepSuccess[]>
}

/** `holdfast_history` and `holdfast_steps`. Notes, not the truth: the primary's word is enough for them. */
export function createJournal(db: Db, build: string, now: () => Date = () => new Date()): Journal {
  const history = db.collection<HistoryDocument>(HISTORY, { writeConcern: { w: 1 } })
  const last = db.collection<StepDocument>(LAST, { writeConcern: { w: 1 } })
  const waiting = new Map<string, Line[]>()
  const written = new Map<Step, number>()

  const eventOf = ({ step, outcome, problem = null, at }: Line): EventDocument => ({
    at,
    last: at,
    times: 1,
    step,
    outcome,
    problem,
    build,
  })

  const write = async (identity: string, entries: readonly Entry[]): Promise<void> => {
    const at = now()
    const lines = [...(waiting.get(identity) ?? []), ...entries.map((entry) => ({ ...entry, at }))]
    await inMongo(HISTORY, 'update', () =>
      history.updateOne(
        { _id: identity },
        lines.map((line) => addedLine(eventOf(line), line.quiet)),
        { upsert: true },
      ),
    )
    waiting.delete(identity)
  }

  const succeeded = async (step: Step): Promise<void> => {
    const at = now()
    if (at.getTime() - (written.get(step) ?? 0) < SUCCESS_EVERY_MS) return
    written.set(step, at.getTime())
    await inMongo(LAST, 'update', () =>
      last.updateOne({ _id: `atproto/${step}` }, { $set: { at, build } }, { upsert: true }),
    )
  }

  const keepForLater = (identity: string, entry: Entry): void => {
    const theirs = waiting.get(identity) ?? []
    const repeated = theirs.some(({ step, problem }) => step === entry.step && problem === entry.problem)
    if (repeated || (theirs.length === 0 && waiting.size >= MOST_WAITING)) return
    waiting.set(identity, [...theirs, { ...entry, at: now() }])
  }

  return {
    async note(identity, entries) {
      await Promise.all([
        write(identity, entries),
        ...entries.filter(({ outcome }) => outcome === 'done').map(({ step }) => succeeded(step)),
      ])
    },

    async failed(identity, step, problem) {
      const entry: Entry = { step, outcome: 'problem', problem }
      if (problem === 'mongo-unreachable') return keepForLater(identity, entry) // asking again would only take time
      try {
        await write(identity, [entry])
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        keepForLater(identity, entry)
      }
    },

    of: (identity) =>
      inMongo(HISTORY, 'find', async () => {
        const found = await history.findOne({ _id: identity })
        return (found?.events ?? []).map((event) => ({
          ...event,
          at: event.at.toISOString(),
          last: event.last.toISOString(),
        }))
      }),

    lastSuccesses: () =>
      inMongo(LAST, 'find', async () => {
        const found = await last.find({ _id: /^atproto\// }).toArray()
        return found.map(({ _id, at, build: under }) => ({
          step: _id.slice('atproto/'.length) as Step,
          at: at.toISOString(),
          build: under,
        }))
      }),
  }
}
