import type { Db } from 'mongodb'
import type { SignupStep } from '../../contracts/history.ts'
import type { System } from '../../contracts/systems.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { createBufferedHistory, type DatedEntry } from '../lib/step-history.ts'
import type { StepHistory } from '../ports/step-history.ts'
import { historyUpdate, type HistoryEventDocument } from './history-update.ts'
import { ownDocuments } from './lib/own-documents.ts'
import { upsertAgain } from './lib/upsert.ts'

const HISTORY = 'holdfast_history'
const LAST = 'holdfast_steps'

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

  const eventOf = ({ step, outcome, problem = null, at }: DatedEntry): HistoryEventDocument => ({
    at,
    last: at,
    times: 1,
    step,
    outcome,
    problem,
    build,
  })

  return createBufferedHistory(
    {
      async write(identity, lines) {
        const stored = await callMongo(HISTORY, 'update', () =>
          upsertAgain(() =>
            history.findOneAndUpdate(
              one(identity),
              [{ $set: { system } }, ...lines.map((line) => historyUpdate(eventOf(line), line.quiet))],
              { upsert: true, returnDocument: 'after', projection: { 'events.step': 1, 'events.times': 1 } },
            ),
          ),
        )
        return stored?.events ?? []
      },

      async saveSuccess(step, at) {
        await callMongo(LAST, 'update', () =>
          last.updateOne({ _id: `${system}/${step}` }, { $set: { at, build } }, { upsert: true }),
        )
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
    },
    now,
  )
}
