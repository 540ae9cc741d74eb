import { sql } from 'kysely'
import type { System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import type { SeenEvents } from '../../ports/seen-events.ts'
import { createExpiry } from '../lib/expiry.ts'
import { toText } from '../lib/json.ts'
import type { StateDb } from '../tables.ts'

const TABLE = 'holdfast.seen_events'

/** `holdfast.seen_events`: for a week, which is longer than a provider repeats a delivery. */
export function createSeenEvents(db: StateDb, system: System): SeenEvents {
  const expire = createExpiry(db, TABLE)
  return {
    async known(tenant, ids) {
      if (ids.length === 0) return new Set()
      const { rows } = await callPostgres(TABLE, 'find', () =>
        sql<{ id: string }>`
          select id from holdfast.seen_events
          where system = ${system} and tenant = ${tenant} and id = any (${ids.map(toText)}::text[]) and expires_at > now()
        `.execute(db),
      )
      const found = new Set(rows.map(({ id }) => id))
      return new Set(ids.filter((id) => found.has(toText(id))))
    },

    async record(tenant, ids) {
      if (ids.length === 0) return
      await callPostgres(TABLE, 'insert', async () => {
        // In a fixed order, so that two deliveries of the same events do not deadlock.
        await sql`
          insert into holdfast.seen_events as s (system, tenant, id)
          select ${system}, ${tenant}, id from unnest(${[...new Set(ids.map(toText))]}::text[]) as id order by id collate "C"
          on conflict (system, tenant, id) do update set expires_at = excluded.expires_at
            where s.expires_at < now()`.execute(db)
        await expire(ids.length)
      })
    },
  }
}
