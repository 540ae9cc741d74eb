import { sql, type RawBuilder } from 'kysely'
import type { System } from '../../../contracts/systems.ts'

/**
 * A query for the audits of which the table has rows, by one look into the index on system and audit for each, however
 * many rows it has. `which`: only those rows, of which an index on system and audit exists, too.
 */
export function auditsIn(
  table: string,
  system: System,
  which: RawBuilder<unknown> = sql`true`,
): RawBuilder<{ audit: string }> {
  const rows = sql`${sql.table(table)} where system = ${system} and ${which}`
  return sql`
    with recursive next (audit) as (
      select min(audit) from ${rows}
      union all
      select (select min(audit) from ${rows} and audit > next.audit)
      from next where next.audit is not null
    )
    select audit from next where audit is not null`
}
