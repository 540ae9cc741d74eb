import { sql } from 'kysely'
import type { System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import type { QuarantineSummary } from '../../ports/quarantine.ts'
import type { StateDb } from '../tables.ts'
import { QUARANTINE } from './place.ts'

/** Reads no content and needs no key. */
export function quarantineSummary(db: StateDb, system: System): Promise<QuarantineSummary> {
  return callPostgres(QUARANTINE, 'find', async () => {
    const { rows } = await sql<{ reason: string; count: number; since: Date }>`
      select reason, count(*) as count, min(first_seen) as since from holdfast.quarantine
      where system = ${system} and expires_at > now()
      group by reason order by count(*) desc, reason`.execute(db)
    const oldest = rows.map(({ since }) => since.getTime()).toSorted((a, b) => a - b)[0]
    return {
      count: rows.reduce((sum, { count }) => sum + count, 0),
      reasons: Object.fromEntries(rows.map(({ reason, count }) => [reason, count])),
      since: oldest === undefined ? null : new Date(oldest).toISOString(),
    }
  })
}
