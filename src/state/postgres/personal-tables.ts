import { sql, type RawBuilder } from 'kysely'
import { escapeForId } from '../../contracts/id-escapes.ts'
import type { NamedPerson, System } from '../../contracts/systems.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { OwnRecords } from '../lib/personal-data.ts'
import { auditsIn } from './lib/audits-in.ts'
import type { StateDb, StateTables } from './tables.ts'

interface PersonalTable {
  readonly table: keyof StateTables
  /** The rows of the system that name the person, found by an index: audits leave millions of others beside them. */
  readonly matching: (person: NamedPerson, system: System) => RawBuilder<unknown>
  /** Its people are listed by `namedPeople`; an audit's copies are not. */
  readonly listed?: true
}

const byIdentity: PersonalTable['matching'] = ({ identity }) => sql`identity = ${identity}`
/** An audit or a plan of this person alone. */
const byScope: PersonalTable['matching'] = ({ identity }) => sql`scope_id = ${identity}`
/** Reads the primary key once for each audit. */
const inEachAudit =
  (table: keyof StateTables, matching: PersonalTable['matching']): PersonalTable['matching'] =>
  (person, system) =>
    sql`audit in (${auditsIn(table, system)}) and ${matching(person, system)}`

/**
 * Every table of every system with a row that names a person. Deletion and export use this list: a new table is one
 * more line. Those of one system alone are in its `PersonRecords`.
 */
const TABLES: readonly PersonalTable[] = [
  { table: 'holdfast.history', matching: byIdentity, listed: true },
  { table: 'holdfast.ignored', matching: byIdentity, listed: true },
  { table: 'holdfast.old_deletions', matching: byIdentity, listed: true },
  { table: 'holdfast.failed_mails', matching: byIdentity, listed: true },
  { table: 'holdfast.audit_findings', matching: inEachAudit('holdfast.audit_findings', byIdentity) },
  { table: 'holdfast.audit_people', matching: inEachAudit('holdfast.audit_people', byIdentity) },
  {
    table: 'holdfast.audit_marks',
    matching: inEachAudit(
      'holdfast.audit_marks',
      ({ tenant, identity }, system) =>
        sql`mark = 'running' and name = ${`signup/${system}/${tenant}/${escapeForId(identity)}`}`,
    ),
  },
  { table: 'holdfast.audits', matching: byScope },
  { table: 'holdfast.plans', matching: byScope },
]

export const PERSON_TABLES: readonly string[] = TABLES.map(({ table }) => table)

/**
 * Tables that name nobody, or that are read in another way (`quarantine/search.ts`). A test compares the lists with all
 * tables of the schema.
 */
export const IMPERSONAL_TABLES: readonly (keyof StateTables)[] = [
  'holdfast.state_version',
  'holdfast.system_sql',
  'holdfast.pings',
  'holdfast.actions',
  'holdfast.action_outcomes',
  'holdfast.cursors',
  'holdfast.seen_events',
  'holdfast.event_counts',
  'holdfast.counted_events',
  'holdfast.tombstones',
  'holdfast.switches',
  'holdfast.workers',
  'holdfast.alerts',
  'holdfast.alert_messages',
  'holdfast.quarantine',
  'holdfast.quarantine_days',
  'holdfast.steps',
  'holdfast.limited_actions',
  'holdfast.limit_counters',
  'holdfast.totals',
  'holdfast.total_events',
  'holdfast.gap_totals',
]

/** Deletes, counts and reads the rows of one person, table by table in the order of the list. */
export function createPersonalRows(db: StateDb, system: System): Omit<OwnRecords, 'stores'> {
  const listed = TABLES.filter((one) => one.listed === true)
  const their = ({ table, matching }: PersonalTable, person: NamedPerson): RawBuilder<unknown> =>
    sql`${sql.table(table)} where system = ${system} and ${matching(person, system)}`

  const perTable = async (
    count: (table: PersonalTable) => Promise<number>,
  ): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {}
    for (const table of TABLES) {
      const number = await count(table)
      if (number > 0) counts[table.table] = number
    }
    return counts
  }

  return {
    async erase(of, person) {
      if (of === 'application') return {}
      return perTable((table) =>
        callPostgres(table.table, 'delete', async () => {
          const { numAffectedRows = 0n } = await sql`delete from ${their(table, person)}`.execute(db)
          return Number(numAffectedRows)
        }),
      )
    },

    count: (person) =>
      perTable((table) =>
        callPostgres(table.table, 'find', async () => {
          const { rows } = await sql<{
            count: number
          }>`select count(*) as count from ${their(table, person)}`.execute(db)
          return rows[0]?.count ?? 0
        }),
      ),

    async read(person) {
      const found: Record<string, Readonly<Record<string, unknown>>[]> = {}
      for (const table of TABLES) {
        const read = () =>
          sql<Readonly<Record<string, unknown>>>`select * from ${their(table, person)}`.execute(db)
        found[table.table] = (await callPostgres(table.table, 'find', read)).rows
      }
      return found
    },

    async namedPeople(after, limit) {
      const at = Math.max(
        listed.findIndex(({ table }) => table === after?.collection),
        0,
      )
      const { table } = listed[at] ?? {}
      if (table === undefined) return { people: [], next: null }
      const { rows } = await callPostgres(table, 'find', () =>
        sql<{ identity: string }>`
          select identity from ${sql.table(table)}
          where system = ${system} and identity > ${after?.id ?? ''}
          order by identity limit ${limit}`.execute(db),
      )
      const people = rows.map(({ identity }) => ({ identity, collection: table }))
      const last = rows.at(-1)
      if (last !== undefined && rows.length === limit)
        return { people, next: { collection: table, id: last.identity } }
      const following = listed[at + 1]
      return { people, next: following === undefined ? null : { collection: following.table, id: '' } }
    },
  }
}
