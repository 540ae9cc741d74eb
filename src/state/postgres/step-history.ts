import { sql } from 'kysely'
import type { HistoryEvent, SignupStep } from '../../contracts/history.ts'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import { createBufferedHistory, type DatedEntry } from '../lib/step-history.ts'
import type { StepHistory } from '../ports/step-history.ts'
import { withLines } from './history-lines.ts'
import type { StateDb } from './tables.ts'

const HISTORY = 'holdfast.history'
const LAST = 'holdfast.steps'

export function createStepHistory(
  db: StateDb,
  system: System,
  build: string,
  now: () => Date = () => new Date(),
): StepHistory {
  const eventOf = ({ step, outcome, problem = null, at }: DatedEntry): HistoryEvent => ({
    at: at.toISOString(),
    last: at.toISOString(),
    times: 1,
    step,
    outcome,
    problem,
    build,
  })

  return createBufferedHistory(
    {
      async write(identity, lines) {
        const events = lines.map((line) => ({ event: eventOf(line), quiet: line.quiet ?? false }))
        await callPostgres(HISTORY, 'update', () =>
          sql`
            insert into holdfast.history as known (system, identity, events)
            values (${system}, ${identity}, ${withLines(sql`'[]'::jsonb`, events)})
            on conflict (system, identity) do update set
              events = ${withLines(sql`known.events`, events)}`.execute(db),
        )
      },

      async saveSuccess(step, at) {
        await callPostgres(LAST, 'update', () =>
          sql`
            insert into holdfast.steps (system, step, at, build) values (${system}, ${step}, ${at}, ${build})
            on conflict (system, step) do update set at = excluded.at, build = excluded.build`.execute(db),
        )
      },

      load: (identity) =>
        callPostgres(HISTORY, 'find', async () => {
          const { rows } = await sql<{ events: HistoryEvent[] }>`
            select events from holdfast.history
            where system = ${system} and identity = ${identity}`.execute(db)
          return rows[0]?.events ?? []
        }),

      lastSuccesses: () =>
        callPostgres(LAST, 'find', async () => {
          const { rows } = await sql<{ step: SignupStep; at: Date; build: string }>`
            select step, at, build from holdfast.steps where system = ${system} order by step`.execute(db)
          return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
        }),
    },
    now,
  )
}
