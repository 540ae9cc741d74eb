import type { Selectable } from 'kysely'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import { createPauseSwitches } from '../lib/pause-switches.ts'
import type { Pause, Switches } from '../ports/switches.ts'
import type { StateDb, StateTables } from './tables.ts'

const TABLE = 'holdfast.switches'
const SHOWN = ['paused_at', 'by', 'reason'] as const

/** `holdfast.switches`: a row for each pause. */
export function createSwitches(db: StateDb, system: System): Switches {
  return createPauseSwitches(system, {
    find: async (work) =>
      shown(
        await callPostgres(TABLE, 'find', () =>
          db
            .selectFrom(TABLE)
            .select(SHOWN)
            .where('system', '=', system)
            .where('work', '=', work)
            .executeTakeFirst(),
        ),
      ),

    async add(work, by, reason) {
      const set = await callPostgres(TABLE, 'update', () =>
        db
          .insertInto(TABLE)
          .values({ system, work, by, reason })
          // Changes nothing: an insert that does nothing would not return the row that is there.
          .onConflict((conflict) => conflict.columns(['system', 'work']).doUpdateSet({ work }))
          .returning(SHOWN)
          .executeTakeFirstOrThrow(),
      )
      return pauseOf(set)
    },

    remove: async (work) =>
      shown(
        await callPostgres(TABLE, 'delete', () =>
          db
            .deleteFrom(TABLE)
            .where('system', '=', system)
            .where('work', '=', work)
            .returning(SHOWN)
            .executeTakeFirst(),
        ),
      ),
  })
}

type Row = Pick<Selectable<StateTables[typeof TABLE]>, (typeof SHOWN)[number]>

function shown(found: Row | undefined): Pause | null {
  return found === undefined ? null : pauseOf(found)
}

function pauseOf({ paused_at, by, reason }: Row): Pause {
  return { since: paused_at.toISOString(), by, reason }
}
