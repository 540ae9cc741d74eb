import { sql } from 'kysely'
import type { System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import type { RepairBy } from '../../../contracts/backfill.ts'
import type { PersonToRepair } from '../../ports/audit-findings.ts'
import type { StateDb } from '../tables.ts'

/** The condition on all repairs of a person by which they are repaired in that way: the rule of `repairWayOf`. */
const HAVING: Readonly<Record<RepairBy, ReturnType<typeof sql<boolean>>>> = {
  database: sql`bool_or(repair = 'database') and bool_and(repair in ('database', 'remove'))`,
  workflow: sql`bool_or(repair not in ('database', 'remove'))`,
  remove: sql`bool_and(repair = 'remove')`,
}

/**
 * A page of the people to be repaired in that way, in order. The server reads the findings in the order of their key
 * and stops after the page, so a million people repaired in the other way cost no memory.
 */
export function peopleToRepair(
  db: StateDb,
  { system, audit }: { readonly system: System; readonly audit: string },
  by: RepairBy,
  after: string | null,
  limit: number,
): Promise<PersonToRepair[]> {
  return callPostgres('holdfast.audit_findings', 'find', async () => {
    const beyond = after === null ? sql`` : sql`and identity > ${after}`
    const of = sql`system = ${system} and audit = ${audit} and repair is not null and expires_at > now()`
    // The search for the page sorts nothing, so a million people who are not on it take a second or two.
    const { rows } = await sql<PersonToRepair>`
      select page.identity, person.tenant, person.since, person.repairs
      from (
        select identity from holdfast.audit_findings where ${of} ${beyond}
        group by identity having ${HAVING[by]} order by identity limit ${limit}
      ) as page
      cross join lateral (
        select (array_agg(tenant order by kind desc))[1] as tenant, (array_agg(since order by kind desc))[1] as since,
          array_agg(repair order by kind) as repairs
        from holdfast.audit_findings where ${of} and identity = page.identity
      ) as person
      order by page.identity`.execute(db)
    return rows
  })
}
