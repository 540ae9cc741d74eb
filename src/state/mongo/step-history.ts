import type { Db } from 'mongodb'
import type { SignupStep } from '../../contracts/history.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { System } from '../../contracts/systems.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { ownDocuments } from './lib/own-documents.ts'
import { historyUpdate, type HistoryEventDocument } from './history-update.ts'
import type { HistoryEntry, StepHistory } from '../ports/step-history.ts'

const HISTORY = 'holdfast_history'
const LAST = 'holdfast_steps'

/** The interval at which a process writes the last success of a step, in milliseconds. */
const SUCCESS_EVERY_MS = 10_000
/** The most people whose lines are kept in memory while the database is unavailable. */
const MOST_PENDING = 10_000

interface HistoryDocument {
  _id: string
  /** Missing in documents of earlier versions. */
  system?: System | null
  events: HistoryEventDocument[]
}

/** `_id` is the system and the step. */
interface StepDocument {
  _id: string
  at: Date
  build: string
}

interface DatedEntry extends HistoryEntry {
  readonly at: Date
}

/**
 * `holdfast_history` and `holdfast_steps`. They are notes, not the source of truth, so the primary's acknowledgement is
 * enough.
 */
export function createStepHistory(
  db: Db,
  system: System,
  build: string,
  now: () => Date = () => new Date(),
): StepHistory {
  const history = db.collection<HistoryDocument>(HISTORY, { writeConcern: { w: 1 } })
  const last = db.collection<StepDocument>(LAST, { writeConcern: { w: 1 } })
  const { idOf, own } = ownDocuments(system)
  const one = (identity: string) => ({ _id: idOf(identity), ...own })
  const waiting = new Map<string, DatedEntry[]>()
  const written = new Map<SignupStep, number>()

  const eventOf = ({ step, outcome, problem = null, at }: DatedEntry): HistoryEventDocument => ({
    at,
    last: at,
    times: 1,
    step,
    outcome,
    problem,
    build,
  })

  const write = async (identity: string, entries: readonly HistoryEntry[]): Promise<void> => {
    const at = now()
    const lines = [...(waiting.get(identity) ?? []), ...entries.map((entry) => ({ ...entry, at }))]
    await callMongo(HISTORY, 'update', () =>
      history.updateOne(
        one(identity),
        [{ $set: { system } }, ...lines.map((line) => historyUpdate(eventOf(line), line.quiet))],
        { upsert: true },
      ),
    )
    waiting.delete(identity)
  }

  const succeeded = async (step: SignupStep): Promise<void> => {
    const at = now()
    if (at.getTime() - (written.get(step) ?? 0) < SUCCESS_EVERY_MS) return
    written.set(step, at.getTime())
    await callMongo(LAST, 'update', () =>
      last.updateOne({ _id: `${system}/${step}` }, { $set: { at, build } }, { upsert: true }),
    )
  }

  const recordLater = (identity: string, entry: HistoryEntry): void => {
    const theirs = waiting.get(identity) ?? []
    const repeated = theirs.some(({ step, problem }) => step === entry.step && problem === entry.problem)
    if (repeated || (theirs.length === 0 && waiting.size >= MOST_PENDING)) return
    waiting.set(identity, [...theirs, { ...entry, at: now() }])
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
      if (problem === 'mongo-unreachable') return recordLater(identity, entry) // another query would only take time
      try {
        await write(identity, [entry])
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        recordLater(identity, entry)
      }
    },

    load: (identity) =>
      callMongo(HISTORY, 'find', async () => {
        const found = await history.findOne(one(identity))
        return (found?.events ?? []).map((event) => ({
          ...event,
          at: event.at.toISOString(),
          last: event.last.toISOString(),
        }))
      }),

    lastSuccesses: () =>
      callMongo(LAST, 'find', async () => {
        const found = await last.find({ _id: { $gt: `${system}/`, $lt: `${system}0` } }).toArray() // '0' comes after the slash
        return found.map(({ _id, at, build: under }) => ({
          step: _id.slice(`${system}/`.length) as SignupStep,
          at: at.toISOString(),
          build: under,
        }))
      }),
  }
}
