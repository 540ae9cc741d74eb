import { sql, type Selectable } from 'kysely'
import type { PersonRow } from '../../../contracts/audit.ts'
import type { System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import type { AuditFindings } from '../../ports/audit-findings.ts'
import { createExpiry } from '../lib/expiry.ts'
import { toJson } from '../lib/json.ts'
import type { StateDb, StateTables } from '../tables.ts'

const TABLE = 'holdfast.audit_people'
const KEEP_MS = 30 * 24 * 3_600_000
const PAGE = 1_000

type StoredPerson = Pick<
  Selectable<StateTables['holdfast.audit_people']>,
  'identity' | 'signed_up_at' | 'person'
>

/** The people of an audit that was limited to the last few, including those who lack nothing. */
export function createAuditPeople(
  db: StateDb,
  system: System,
): Pick<AuditFindings, 'addPeople' | 'iteratePeople'> {
  const expire = createExpiry(db, TABLE)
  return {
    async addPeople(audit, people) {
      if (people.length === 0) return
      const unique = new Map(people.map((person) => [person.identity, person]))
      const rows = [...unique].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, person]) => person)
      const expiresAt = new Date(Date.now() + KEEP_MS)
      await callPostgres(TABLE, 'update', async () => {
        await sql`
          insert into holdfast.audit_people (system, audit, identity, signed_up_at, person, expires_at)
          select ${system}, ${audit}, identity, signed_up_at, person::jsonb, ${expiresAt}::timestamptz
          from unnest(${rows.map(({ identity }) => identity)}::text[], ${rows.map(signedUpAt)}::text[],
            ${rows.map((person) => toJson(person))}::text[]) as found (identity, signed_up_at, person)
          on conflict (system, audit, identity) do update set
            signed_up_at = excluded.signed_up_at, person = excluded.person, expires_at = excluded.expires_at`.execute(
          db,
        )
        await expire(rows.length)
      })
    },

    async *iteratePeople(audit) {
      let last: StoredPerson | undefined
      for (;;) {
        const beyond =
          last === undefined
            ? sql``
            : sql`and (signed_up_at < ${last.signed_up_at}
                or signed_up_at = ${last.signed_up_at} and identity > ${last.identity})`
        const { rows } = await callPostgres(TABLE, 'find', () =>
          sql<StoredPerson>`
            select identity, signed_up_at, person from holdfast.audit_people
            where system = ${system} and audit = ${audit} and expires_at > now() ${beyond}
            order by signed_up_at desc, identity limit ${PAGE}`.execute(db),
        )
        for (const { person } of rows) yield person
        last = rows.at(-1)
        if (rows.length < PAGE) return
      }
    },
  }
}

function signedUpAt(person: PersonRow): string {
  return String(person['signedUpAt'] ?? '')
}
