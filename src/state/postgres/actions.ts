import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Action, ActionOutcome, Actor, RecordedAction } from '../../contracts/actions.ts'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { ActionLog } from '../ports/actions.ts'
import { atIntervals } from './lib/expiry.ts'
import type { StateDb } from './tables.ts'

const ACTIONS = 'holdfast.actions'
const OUTCOMES = 'holdfast.action_outcomes'
const EXPIRY_MS = 5 * 60_000
const EXPIRED_AT_ONCE = 2_000

/**
 * `holdfast.actions` and `holdfast.action_outcomes`: lines that are only ever inserted. A role that may append and read
 * alone is enough: a function of the tables' owner deletes what has expired.
 */
export function createActionLog(db: StateDb): ActionLog {
  const expire = atIntervals(EXPIRY_MS, async () => {
    await sql`select holdfast.expire_actions(${EXPIRED_AT_ONCE})`.execute(db)
    return false
  })
  return {
    async begin({ by, subjects, ...action }) {
      const id = randomUUID()
      await callPostgres(ACTIONS, 'insert', () =>
        db
          .insertInto(ACTIONS)
          .values({ action: id, ...action, subjects: [...subjects], by: JSON.stringify(by) })
          .execute(),
      )
      return id
    },

    async end(id, { keyIds, ...outcome }) {
      await callPostgres(OUTCOMES, 'insert', async () => {
        await db
          .insertInto(OUTCOMES)
          .values({ action: id, ...outcome, key_ids: [...keyIds] })
          .execute()
        await expire()
      })
    },

    list: ({ system, subject }, limit) =>
      callPostgres(ACTIONS, 'find', async () => {
        const { rows } = await sql<Line>`
          select a.action, a.at, a.system, a.name, a.kind, a.subjects, a.scope, a.reason, a.by, o.outcomes
          from holdfast.actions a
          cross join lateral (
            select coalesce(jsonb_agg(jsonb_build_object(
              'outcome', e.outcome, 'keyIds', e.key_ids, 'count', e.count, 'error', e.error
            ) order by e.at, e.line), '[]') as outcomes
            from holdfast.action_outcomes e where e.action = a.action
          ) o
          where ${system === undefined ? sql`true` : sql`(a.system = ${system} or a.system is null)`}
            and ${subject === undefined ? sql`true` : sql`a.subjects @> array[${subject}::text]`}
          order by a.at desc, a.line desc
          limit ${limit}`.execute(db)
        return rows.map(recorded)
      }),
  }
}

interface Line {
  readonly action: string
  readonly at: Date
  readonly system: System | null
  readonly name: string
  readonly kind: Action['kind']
  readonly subjects: string[]
  readonly scope: string | null
  readonly reason: string | null
  readonly by: Actor
  readonly outcomes: ActionOutcome[]
}

/** All lines are returned: a later one cannot hide an earlier one, nor one with a forged date the real one. */
function recorded({ action, at, outcomes, ...line }: Line): RecordedAction {
  const [first = UNKNOWN, ...contradictedBy] = outcomes
  return { id: action, at: at.toISOString(), ...line, ...first, contradictedBy }
}

const UNKNOWN = { outcome: null, keyIds: [], count: 0, error: null }
