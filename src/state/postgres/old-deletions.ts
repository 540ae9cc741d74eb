import { sql } from 'kysely'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { OldDeletions } from '../ports/old-deletions.ts'
import { createExpiry } from './lib/expiry.ts'
import type { StateDb } from './tables.ts'

const TABLE = 'holdfast.old_deletions'

/**
 * `holdfast.old_deletions`: deletions in the provider's log that are older than this installation. They are recorded
 * for 90 days and not carried out, since the records under such an id may belong to a person who was created
 * afterwards.
 */
export function createOldDeletions(db: StateDb, system: System): OldDeletions {
  const expire = createExpiry(db, TABLE)
  const ofTenant = (tenant: string) =>
    db
      .selectFrom(TABLE)
      .where('system', '=', system)
      .where('tenant', '=', tenant)
      .where('expires_at', '>', sql<Date>`now()`)

  return {
    record: ({ identity, tenant, deletedAt }) =>
      callPostgres(TABLE, 'update', async () => {
        await sql`
          insert into holdfast.old_deletions as o (system, identity, tenant, deleted_at)
          values (${system}, ${identity}, ${tenant}, ${deletedAt})
          on conflict (system, identity) do update set
            deleted_at = greatest(o.deleted_at, excluded.deleted_at)`.execute(db)
        await expire()
      }),

    count: (tenant) =>
      callPostgres(TABLE, 'find', async () => {
        const { count } = await ofTenant(tenant)
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
        return count
      }),

    list: (tenant) =>
      callPostgres(TABLE, 'find', async () => {
        const found = await ofTenant(tenant)
          .select(['identity', 'deleted_at'])
          .orderBy('deleted_at')
          .orderBy('identity')
          .execute()
        return found.map(({ identity, deleted_at }) => ({ identity, tenant, deletedAt: deleted_at }))
      }),

    async remove(identity) {
      await callPostgres(TABLE, 'delete', () =>
        db.deleteFrom(TABLE).where('system', '=', system).where('identity', '=', identity).execute(),
      )
    },
  }
}
