import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import type { AuthTrigger } from '../../../domain/supabase/triggers.ts'
import type { TriggerInspections } from '../../ports/supabase/trigger-inspections.ts'
import { toJson } from '../lib/json.ts'
import type { StateDb } from '../tables.ts'

const TABLE = 'holdfast.trigger_inspections'
const SYSTEM = 'supabase'
const KEPT = 100

/** `holdfast.trigger_inspections`, a table of sql/supabase. */
export function createTriggerInspections(db: StateDb): TriggerInspections {
  return {
    record: (triggers) =>
      callPostgres(TABLE, 'update', () =>
        db.transaction().execute(async (transaction) => {
          // One at a time: two that find the same would otherwise insert two rows.
          await sql`select pg_advisory_xact_lock(hashtextextended(${TABLE}, 0))`.execute(transaction)
          const fingerprint = fingerprintOf(triggers)
          const { numAffectedRows = 0n } = await sql`
            update holdfast.trigger_inspections set last_at = greatest(last_at, now())
             where system = ${SYSTEM} and fingerprint = ${fingerprint}
               and number = (select max(number) from holdfast.trigger_inspections where system = ${SYSTEM})`.execute(
            transaction,
          )
          if (numAffectedRows === 0n) {
            await sql`
              insert into holdfast.trigger_inspections (system, fingerprint, triggers, first_at, last_at)
              values (${SYSTEM}, ${fingerprint}, ${toJson(triggers)}::jsonb, now(), now())`.execute(
              transaction,
            )
            await sql`
              delete from holdfast.trigger_inspections where system = ${SYSTEM} and number <= (
                select number from holdfast.trigger_inspections where system = ${SYSTEM}
                 order by number desc offset ${KEPT} limit 1)`.execute(transaction)
          }
          const { rows } = await sql<{ triggers: AuthTrigger[]; first_at: Date; last_at: Date }>`
            select triggers, first_at, last_at from holdfast.trigger_inspections
             where system = ${SYSTEM} order by number`.execute(transaction)
          return rows.map((row) => ({
            triggers: row.triggers,
            firstAt: row.first_at.toISOString(),
            lastAt: row.last_at.toISOString(),
          }))
        }),
      ),
  }
}

function fingerprintOf(triggers: readonly AuthTrigger[]): string {
  return createHash('sha256').update(toJson(triggers)).digest('hex')
}
