import { sql } from 'kysely'
import type { System } from '../../contracts/systems.ts'
import type { LimitedAction } from '../../domain/safety-limit.ts'
import type { StateDb } from './tables.ts'

export const LIMITED_ACTIONS = 'holdfast.limited_actions'
const HOUR_MS = 3_600_000
/**
 * The duration of an admission: a workflow that lost the answer, or waits for its next attempt, is not counted twice.
 */
const ADMITTED_MS = 24 * HOUR_MS
/** The duration of a hold after its last request: a waiting workflow requests admission every quarter of an hour. */
const HELD_MS = 7 * 24 * HOUR_MS

interface Kind {
  readonly system: System
  readonly kind: LimitedAction
}

interface Decision {
  readonly state: 'admitted' | 'held'
  readonly since: Date
  readonly released: boolean
}

export const admittedUntil = (now: Date): Date => new Date(now.getTime() + ADMITTED_MS)
const heldUntil = (now: Date): Date => new Date(now.getTime() + HELD_MS)

export async function loadDecision(
  db: StateDb,
  { system, kind, person }: Kind & { readonly person: string },
): Promise<Decision | null> {
  const found = await db
    .selectFrom('holdfast.limited_actions')
    .select(['state', 'since', 'released'])
    .where('system', '=', system)
    .where('kind', '=', kind)
    .where('person', '=', person)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst()
  return found ?? null
}

export async function extendHolds(
  db: StateDb,
  { system, kind }: Kind,
  people: readonly string[],
): Promise<void> {
  if (people.length === 0) return
  await sql`
    update holdfast.limited_actions set expires_at = ${heldUntil(new Date())}
    where system = ${system} and kind = ${kind} and person = any(${[...people]}::text[])
      and state = 'held' and expires_at > now()`.execute(db)
}

/** Stores a decision on people who have none, and returns how many that were; an expired one is replaced. */
export async function insertDecisions(
  db: StateDb,
  { system, kind }: Kind,
  people: readonly string[],
  { admitted, about, now }: { readonly admitted: boolean; readonly about: string | null; readonly now: Date },
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    insert into holdfast.limited_actions as known
      (system, kind, person, state, since, released, about, expires_at)
    select ${system}, ${kind}, person, ${admitted ? 'admitted' : 'held'}, ${now}::timestamptz, false, ${about},
      ${admitted ? admittedUntil(now) : heldUntil(now)}::timestamptz
    from unnest(${people.toSorted()}::text[]) as decided (person)
    on conflict (system, kind, person) do update set
      state = excluded.state, since = excluded.since, released = false, about = excluded.about,
      expires_at = excluded.expires_at
    where known.expires_at <= now()`.execute(db)
  return Number(numAffectedRows)
}
