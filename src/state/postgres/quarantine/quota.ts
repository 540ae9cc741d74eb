import { sql } from 'kysely'
import type { System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import { fitting } from '../../lib/quarantined-entries.ts'
import { DAILY_QUOTA, type DailyQuota, type QuotaExceeded } from '../../ports/quarantine.ts'
import { createExpiry } from '../lib/expiry.ts'
import type { StateDb } from '../tables.ts'

const TABLE = 'holdfast.quarantine_days'
const DAY_MS = 24 * 3_600_000
/** The number of days for which a day's figures are kept. */
const KEPT_DAYS = 30

export interface QuarantineQuota {
  /**
   * The number of these entries, given by their sizes, that may be stored today, from the first on. Counts the others.
   */
  admit(tenant: string, sizes: readonly number[]): Promise<number>
  /** The days of the last 30 on which entries were not stored, the newest first. */
  exceeded(): Promise<QuotaExceeded[]>
}

/** Each call reserves a range of the day's quota by one statement, so any number of servers share one limit. */
export function createQuarantineQuota(
  db: StateDb,
  system: System,
  bound: DailyQuota = DAILY_QUOTA,
): QuarantineQuota {
  const expire = createExpiry(db, TABLE)
  return {
    admit: (tenant, sizes) =>
      callPostgres(TABLE, 'update', async () => {
        if (sizes.length === 0) return 0
        const now = Date.now()
        const day = new Date(now).toISOString().slice(0, 10)
        const expiresAt = new Date(now + KEPT_DAYS * DAY_MS)
        const requested = { entries: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
        const after = await db
          .insertInto('holdfast.quarantine_days')
          .values({ system, tenant, day, ...requested, not_stored: 0, expires_at: expiresAt })
          .onConflict((conflict) =>
            conflict.columns(['system', 'tenant', 'day']).doUpdateSet({
              entries: sql`quarantine_days.entries + excluded.entries`,
              bytes: sql`quarantine_days.bytes + excluded.bytes`,
            }),
          )
          .returning(['entries', 'bytes'])
          .executeTakeFirstOrThrow()
        await expire()
        const admitted = fitting(sizes, {
          entries: bound.entries - (after.entries - requested.entries),
          bytes: bound.bytes - (after.bytes - requested.bytes),
        })
        if (admitted < sizes.length)
          await db
            .updateTable('holdfast.quarantine_days')
            .set((row) => ({ not_stored: row('not_stored', '+', sizes.length - admitted) }))
            .where('system', '=', system)
            .where('tenant', '=', tenant)
            .where('day', '=', day)
            .execute()
        return admitted
      }),

    exceeded: () =>
      callPostgres(TABLE, 'find', () =>
        db
          .selectFrom('holdfast.quarantine_days')
          .select(['tenant', 'day', 'not_stored as notStored'])
          .where('system', '=', system)
          .where('not_stored', '>', 0)
          .where('expires_at', '>', sql<Date>`now()`)
          .orderBy('day', 'desc')
          .orderBy('tenant')
          .execute(),
      ),
  }
}
