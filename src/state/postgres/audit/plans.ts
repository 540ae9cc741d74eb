import { sql } from 'kysely'
import type { System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import type { Plans } from '../../ports/plans.ts'
import { createExpiry } from '../lib/expiry.ts'
import { toJson } from '../lib/json.ts'
import type { StateDb } from '../tables.ts'

const TABLE = 'holdfast.plans'
const KEEP_MS = 30 * 24 * 3_600_000

export function createPlans(db: StateDb, system: System): Plans {
  const expire = createExpiry(db, TABLE)
  return {
    async save(plan) {
      const at = new Date()
      await callPostgres(TABLE, 'update', async () => {
        await sql`
          insert into holdfast.plans (system, plan_id, scope_id, plan, at, expires_at)
          values (${system}, ${plan.planId}, ${plan.scope.id}, ${toJson(plan)}::jsonb, ${at},
            ${new Date(at.getTime() + KEEP_MS)})
          on conflict (system, plan_id) do update set
            scope_id = excluded.scope_id, plan = excluded.plan, at = excluded.at,
            expires_at = excluded.expires_at`.execute(db)
        await expire()
      })
    },

    load: (planId) =>
      callPostgres(TABLE, 'find', async () => {
        const found = await db
          .selectFrom('holdfast.plans')
          .select('plan')
          .where('system', '=', system)
          .where('plan_id', '=', planId)
          .where('expires_at', '>', sql<Date>`now()`)
          .executeTakeFirst()
        return found?.plan ?? null
      }),
  }
}
