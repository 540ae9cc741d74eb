import { sql, type RawBuilder } from 'kysely'
import type { System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import { OutsideError } from '../../../domain/outside-error.ts'
import type { EncryptedField } from '../../ports/sealed-values.ts'
import type { StateDb } from '../tables.ts'

/** The table of a field, in the parts of which statements consist; they give it the alias `stored`. */
export interface SealedTable {
  readonly table: RawBuilder<unknown>
  /** The row's id, which is the `person` of the encryption context. */
  readonly id: RawBuilder<unknown>
  readonly idType: RawBuilder<unknown>
  readonly column: RawBuilder<unknown>
  /** The column without its table, as `set` requires. */
  readonly columnName: RawBuilder<unknown>
  readonly columnType: RawBuilder<unknown>
  /** The values of a row, as an array. */
  readonly values: RawBuilder<unknown>
  readonly isList: boolean
  /** The condition that selects the system's rows: all rows, except in Holdfast's own tables, which systems share. */
  readonly own: RawBuilder<unknown>
  /** The estimated number of rows; negative where it is not known. */
  readonly estimatedRows: number
}

interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly in_key: boolean
  readonly rows: number
}

/**
 * Reads the table of a field from the catalog. Throws `postgres-refused` for a missing table or column. Its rows must
 * have an id: a primary key of one column, beside the system in Holdfast's own tables.
 */
export function describeTable(
  db: StateDb,
  system: System,
  { collection, path }: EncryptedField,
): Promise<SealedTable> {
  const [schema, name] = [collection.slice(0, collection.indexOf('.')), collection.replace(/^[^.]*\./, '')]
  return callPostgres(collection, 'find', async () => {
    const { rows } = await sql<ColumnRow>`
      select attribute.attname::text as name, format_type(attribute.atttypid, attribute.atttypmod) as type,
        coalesce(attribute.attnum = any(index.indkey), false) as in_key, class.reltuples::float8 as rows
      from pg_catalog.pg_class as class
      join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
      join pg_catalog.pg_attribute as attribute on attribute.attrelid = class.oid
      left join pg_catalog.pg_index as index on index.indrelid = class.oid and index.indisprimary
      where namespace.nspname = ${schema} and class.relname = ${name}
        and attribute.attnum > 0 and not attribute.attisdropped`.execute(db)
    const value = rows.find((column) => column.name === path)
    if (value === undefined)
      throw missing(collection, rows.length === 0 ? '42P01 undefined_table' : '42703 undefined_column')
    const key = rows.filter(({ in_key: inKey }) => inKey)
    const shared = schema === 'holdfast' && key.some((column) => column.name === 'system')
    const [id, ...others] = shared ? key.filter((column) => column.name !== 'system') : key
    if (id === undefined || others.length > 0)
      throw new Error(`${collection} has no primary key of one column, by which its sealed values are known`)
    const isList = value.type.endsWith('[]')
    const column = sql.ref(`stored.${path}`)
    return {
      table: sql`${sql.table(collection)} as stored`,
      id: sql.ref(`stored.${id.name}`),
      idType: sql.raw(id.type),
      column,
      columnName: sql.ref(path),
      columnType: sql.raw(value.type),
      values: isList ? column : sql`array[${column}]`,
      isList,
      own: shared ? sql`stored.system = ${system}` : sql`true`,
      estimatedRows: value.rows,
    }
  })
}

function missing(collection: string, code: string): OutsideError {
  return new OutsideError('postgres-refused', `Postgres refuses find on ${collection}: ${code}`, {
    detail: { table: collection, action: 'find', code },
  })
}
