import { sql, type RawBuilder } from 'kysely'
import type { System } from '../../../contracts/systems.ts'

/**
 * A query for the audits that have rows in the table. It reads one entry of the index on system and audit for each
 * audit, however many rows that has. `which` selects rows; they need such an index of their own.
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
