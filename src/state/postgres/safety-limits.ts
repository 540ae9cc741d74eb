import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { LimitedAction } from '../../domain/safety-limit.ts'
import { createHourlyLimits } from '../lib/hourly-limits.ts'
import type { SafetyLimits } from '../ports/safety-limits.ts'
import { createHeldActions } from './held-actions.ts'
import { createExpiry } from './lib/expiry.ts'
import { extendHolds, insertDecisions, loadDecision, LIMITED_ACTIONS as TABLE } from './limited-actions.ts'
import { placesTaken } from './limit-counter.ts'
import type { StateDb } from './tables.ts'

/** `limits` and `countPeople`: as for `createHourlyLimits`. */
export function createSafetyLimits(
  db: StateDb,
  system: System,
  limits: Readonly<Record<LimitedAction, number | null>>,
  countPeople: () => Promise<number>,
): SafetyLimits {
  const expire = createExpiry(db, TABLE)

  const limitOf = createHourlyLimits(limits, countPeople)

  /** Takes this many of the hour's places; false when fewer are left. */
  const take = async (kind: LimitedAction, limit: number, places = 1): Promise<boolean> => {
    const request = randomUUID()
    const taken = (minutes: ReturnType<typeof sql>) => placesTaken(minutes, { request, limit, places })
    const { rows } = await sql<{ granted: string | null }>`
      insert into holdfast.limit_counters as counter (system, kind, minutes, granted)
      select ${system}, ${kind}, minutes, granted from (${taken(sql`'[]'::jsonb`)}) as first
      on conflict (system, kind) do update set (minutes, granted) = (${taken(sql`counter.minutes`)})
      returning granted`.execute(db)
    return rows[0]?.granted === request
  }

  const admit: SafetyLimits['admit'] = async (kind, person, about) => {
    const known = await loadDecision(db, { system, kind, person })
    const limit = await limitOf(kind)
    if (known?.state === 'held') {
      await extendHolds(db, { system, kind }, [person])
      return { admitted: false, since: known.since.toISOString(), limit }
    }
    if (known !== null) return { admitted: true, wasHeld: known.released }
    const admitted = await take(kind, limit)
    const now = new Date()
    const stored = await insertDecisions(db, { system, kind }, [person], {
      admitted,
      about: about ?? null,
      now,
    })
    // Another request for the person was first, and its answer is that of both.
    if (stored === 0) return admit(kind, person, about)
    return admitted ? { admitted, wasHeld: false } : { admitted, since: now.toISOString(), limit }
  }

  return {
    admit: (kind, person, about) =>
      callPostgres(TABLE, 'update', async () => {
        await expire()
        return admit(kind, person, about)
      }),

    admitAll: (kind, people, about) =>
      callPostgres(TABLE, 'update', async () => {
        await expire()
        const { rows } = await sql<{ person: string }>`
          select person from holdfast.limited_actions
          where system = ${system} and kind = ${kind} and person = any(${[...people]}::text[])
            and expires_at > now()`.execute(db)
        const before = new Set(rows.map(({ person }) => person))
        const fresh = [...new Set(people)].filter((person) => !before.has(person))
        await extendHolds(db, { system, kind }, [...before])
        if (fresh.length === 0) return
        const admitted = await take(kind, await limitOf(kind), fresh.length)
        await insertDecisions(db, { system, kind }, fresh, { admitted, about, now: new Date() })
      }),

    ...createHeldActions(db, system),
  }
}
