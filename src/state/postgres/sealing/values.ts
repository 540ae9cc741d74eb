import { sql, type RawBuilder } from 'kysely'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import { changedValue, type UpdateCounts, type ValueChange } from '../../lib/changed-value.ts'
import type { EncryptedField } from '../../ports/sealed-values.ts'
import type { StateDb } from '../tables.ts'
import type { SealedTable } from './sealed-table.ts'

const PAGE = 200

/** Runs a statement that may read a whole table. */
export type LongStatement = <T>(run: (db: StateDb) => Promise<T>) => Promise<T>

/** Sealed values begin with their format. */
const SEALED = sql`item.value like 'hf1.%'`
/** Values in plain text; an empty one does not count. */
const PLAINTEXT = sql`item.value <> '' and item.value not like 'hf1.%'`

/**
 * Replaces values of one field, page by page. A row that changes meanwhile is skipped, so this may run beside everything
 * else; an interrupted run is repeated.
 */
export async function updateValues(
  { db, long }: { readonly db: StateDb; readonly long: LongStatement },
  { collection, context }: EncryptedField,
  { table, id, idType, column, columnName, columnType, values, own }: SealedTable,
  which: 'sealed' | 'plain',
  change: ValueChange,
): Promise<UpdateCounts> {
  const wanted = sql`exists (select from unnest(${values}) as item (value) where ${which === 'sealed' ? SEALED : PLAINTEXT})`
  const nextPage = (after: string | null) =>
    callPostgres(collection, 'find', () => {
      const beyond = after === null ? sql`` : sql`and ${id} > cast(${after} as ${idType})`
      const page = sql<{ id: string; value: unknown }>`
        select ${id}::text as id, ${column} as value from ${table}
        where ${own} and ${wanted} ${beyond}
        order by ${id} limit ${PAGE}`
      return long((reader) => page.execute(reader))
    })
  let changed = 0
  let unopened = 0
  let after: string | null = null
  for (;;) {
    const { rows } = await nextPage(after)
    for (const row of rows) {
      const fresh = changedValue(row.value, { ...context, person: row.id }, change)
      unopened += fresh.unopened
      if (fresh.changed === 0) continue
      const { numAffectedRows = 0n } = await callPostgres(collection, 'update', () =>
        sql`
          update ${table} set ${columnName} = cast(${fresh.value} as ${columnType})
          where ${own} and ${id} = cast(${row.id} as ${idType})
            and ${column} = cast(${row.value} as ${columnType})`.execute(db),
      )
      if (numAffectedRows > 0n) changed += fresh.changed
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return { changed, unopened }
    after = last.id
  }
}

/** The number of plain-text values of a field, counted by the server. */
export function countPlaintextValues(
  long: LongStatement,
  { collection }: EncryptedField,
  { table, values, own }: SealedTable,
): Promise<number> {
  return callPostgres(collection, 'find', async () => {
    const count = sql<{ count: number }>`
      select count(*) as count from ${table} cross join lateral unnest(${values}) as item (value)
      where ${own} and ${PLAINTEXT}`
    const { rows } = await long((db) => count.execute(db))
    return rows[0]?.count ?? 0
  })
}

/** The number of values per sealing key, counted by the server. */
export function keysIn(
  long: LongStatement,
  { collection }: EncryptedField,
  { table, values, own }: SealedTable,
): Promise<Record<string, number>> {
  return callPostgres(collection, 'find', async () => {
    const counts = sql<{ key: string; count: number }>`
      select split_part(item.value, '.', 2) as key, count(*) as count
      from ${table} cross join lateral unnest(${values}) as item (value)
      where ${own} and ${SEALED} group by 1 order by 1`
    const { rows } = await long((db) => counts.execute(db))
    return Object.fromEntries(rows.map(({ key, count }) => [key, count]))
  })
}

/** The approximate number of rows of a random sample: enough to contain every key in use, and quick to read. */
const SAMPLE = 1_000

/** One sealed value of each key in use, from a random sample of the rows. */
export function sampleValues(
  long: LongStatement,
  { collection }: EncryptedField,
  { table, id, values, own, estimatedRows }: SealedTable,
): Promise<{ key: string; id: string; value: string }[]> {
  const oneOfEach = async (rows: RawBuilder<unknown>) => {
    const samples = sql<{ key: string; id: string; value: string }>`
      select distinct on (split_part(item.value, '.', 2)) split_part(item.value, '.', 2) as key, id, item.value
      from (${rows}) as sampled cross join lateral unnest(sampled.values) as item (value)
      where ${SEALED} order by split_part(item.value, '.', 2)`
    return (await long((db) => samples.execute(db))).rows
  }
  const columns = sql`${id}::text as id, ${values} as values`
  return callPostgres(collection, 'find', async () => {
    const percent = Math.min(100, (100 * SAMPLE) / Math.max(1, estimatedRows))
    const random = await oneOfEach(
      sql`select ${columns} from ${table} tablesample system (${sql.lit(percent)}) where ${own}`,
    )
    if (random.length > 0) return random
    // The estimate is older than a deletion of many rows.
    return oneOfEach(sql`select ${columns} from ${table} where ${own} limit ${SAMPLE}`)
  })
}
