import { sql, type RawBuilder } from 'kysely'
import type { System } from '../../../contracts/systems.ts'

/**
 * A query for the audits of which the table has rows, by one look into the index on system and audit for each, however
 * many rows it has.
 */
export function auditsIn(table: string, system: System): RawBuilder<{ audit: string }> {
  const rows = sql.table(table)
  return sql`
    with recursive next (audit) as (
      select min(audit) from ${rows} where system = ${system}
      union all
      select (select min(audit) from ${rows} where system = ${system} and audit > next.audit)
      from next where next.audit is not null
    )
    select audit from next where audit is not null`
}
