import { sql } from 'kysely'
import type { System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { Ignored } from '../ports/ignored.ts'
import { createExpiry } from './lib/expiry.ts'
import type { StateDb } from './tables.ts'

const TABLE = 'holdfast.ignored'

/**
 * `holdfast.ignored`: test accounts and the like. After the end of the time the person counts again, whether or not the
 * row was deleted.
 */
export function createIgnored(db: StateDb, system: System): Ignored {
  const expire = createExpiry(db, TABLE)
  return {
    add: ({ identity, tenant, until, reason }) =>
      callPostgres(TABLE, 'update', async () => {
        await sql`
          insert into holdfast.ignored as i (system, identity, tenant, reason, since, expires_at)
          values (${system}, ${identity}, ${tenant}, ${reason}, now(), ${until})
          on conflict (system, identity) do update set
            tenant = excluded.tenant,
            reason = excluded.reason,
            expires_at = excluded.expires_at,
            since = case when i.expires_at < now() then excluded.since else i.since end`.execute(db)
        await expire()
      }),

    drop: async (identity) => {
      const { numDeletedRows } = await callPostgres(TABLE, 'delete', () =>
        db.deleteFrom(TABLE).where('system', '=', system).where('identity', '=', identity).executeTakeFirst(),
      )
      return numDeletedRows > 0n
    },

    list: () =>
      callPostgres(TABLE, 'find', async () => {
        const found = await db
          .selectFrom(TABLE)
          .select(['identity', 'tenant', 'reason', 'since', 'expires_at'])
          .where('system', '=', system)
          .where('expires_at', '>', sql<Date>`now()`)
          .orderBy('expires_at')
          .orderBy('identity')
          .execute()
        return found.map(({ since, expires_at, ...person }) => ({
          ...person,
          since: since.toISOString(),
          until: expires_at.toISOString(),
        }))
      }),
  }
}
