import { sql } from 'kysely'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { LimitedAction } from '../../domain/safety-limit.ts'
import type { HeldActionsStore } from '../ports/safety-limits.ts'
import { admittedUntil, extendHolds, loadDecision, LIMITED_ACTIONS as TABLE } from './limited-actions.ts'
import type { StateDb } from './tables.ts'

/** The held actions, for commands: only workers know the limits themselves. */
export function createHeldActions(db: StateDb, system: System): HeldActionsStore {
  const heldSince = async (kind: LimitedAction, person: string): Promise<string | null> => {
    const known = await loadDecision(db, { system, kind, person })
    return known?.state === 'held' ? known.since.toISOString() : null
  }
  return {
    async allow(kind, people) {
      if (people.length === 0) return
      const now = new Date()
      await callPostgres(TABLE, 'update', () =>
        sql`
          insert into holdfast.limited_actions (system, kind, person, state, since, released, expires_at)
          select ${system}, ${kind}, person, 'admitted', ${now}::timestamptz, true, ${admittedUntil(now)}::timestamptz
          from unnest(${[...new Set(people)].toSorted()}::text[]) as allowed (person)
          on conflict (system, kind, person) do update set
            state = excluded.state, since = excluded.since, released = true, expires_at = excluded.expires_at`.execute(
          db,
        ),
      )
    },

    heldSince: (kind, person) => callPostgres(TABLE, 'find', () => heldSince(kind, person)),

    extendHold: (kind, person) =>
      callPostgres(TABLE, 'update', async () => {
        await extendHolds(db, { system, kind }, [person])
        return heldSince(kind, person)
      }),

    async removeHold(kind, person) {
      await callPostgres(TABLE, 'delete', () =>
        sql`
          delete from holdfast.limited_actions
          where system = ${system} and kind = ${kind} and person = ${person}`.execute(db),
      )
    },

    countHeld: (kind) =>
      callPostgres(TABLE, 'find', async () => {
        const { rows } = await sql<{ about: string | null; count: number; since: Date }>`
          select about, count(*) as count, min(since) as since from holdfast.limited_actions
          where system = ${system} and kind = ${kind} and state = 'held' and expires_at > now()
          group by about order by min(since)`.execute(db)
        return {
          count: rows.reduce((sum, { count }) => sum + count, 0),
          since: rows[0]?.since.toISOString() ?? null,
          about: Object.fromEntries(
            rows.flatMap(({ about, count }) => (about === null ? [] : [[about, count]])),
          ),
        }
      }),

    release: (kind) =>
      callPostgres(TABLE, 'update', async () => {
        const { numAffectedRows = 0n } = await sql`
          with begun as (delete from holdfast.limit_counters where system = ${system} and kind = ${kind})
          update holdfast.limited_actions
          set state = 'admitted', released = true, expires_at = ${admittedUntil(new Date())}
          where system = ${system} and kind = ${kind} and state = 'held' and expires_at > now()`.execute(db)
        return Number(numAffectedRows)
      }),
  }
}
