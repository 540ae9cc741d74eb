import { sql } from 'kysely'
import type { HistoryEvent } from '../../contracts/history.ts'
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
        return callPostgres(HISTORY, 'update', async () => {
          const { rows } = await sql<{ events: HistoryEvent[] }>`
            insert into holdfast.history as known (system, identity, events)
            values (${system}, ${identity}, ${withLines(sql`'[]'::jsonb`, events)})
            on conflict (system, identity) do update set
              events = ${withLines(sql`known.events`, events)}
            returning events`.execute(db)
          return rows[0]?.events ?? []
        })
      },

      async saveSuccess(step, at) {
        await callPostgres(LAST, 'update', () =>
          db
            .insertInto('holdfast.steps')
            .values({ system, step, at, build })
            .onConflict((known) => known.columns(['system', 'step']).doUpdateSet({ at, build }))
            .execute(),
        )
      },

      load: (identity) =>
        callPostgres(HISTORY, 'find', async () => {
          const found = await db
            .selectFrom('holdfast.history')
            .select('events')
            .where('system', '=', system)
            .where('identity', '=', identity)
            .executeTakeFirst()
          return found?.events ?? []
        }),

      lastSuccesses: () =>
        callPostgres(LAST, 'find', async () => {
          const rows = await db
            .selectFrom('holdfast.steps')
            .select(['step', 'at', 'build'])
            .where('system', '=', system)
            .orderBy('step')
            .execute()
          return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
        }),
    },
    now,
  )
}
