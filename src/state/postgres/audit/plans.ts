import { sql } from 'kysely'
import type { System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import type { Plans, StoredPlan } from '../../ports/plans.ts'
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
        const { rows } = await sql<{ plan: StoredPlan }>`
          select plan from holdfast.plans
          where system = ${system} and plan_id = ${planId} and expires_at > now()`.execute(db)
        return rows[0]?.plan ?? null
      }),
  }
}
