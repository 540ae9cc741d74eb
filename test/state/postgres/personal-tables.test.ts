import { sql } from 'kysely'
import { beforeAll, expect, it } from 'vitest'
import { applyState } from '../../../src/state/postgres/migrate.ts'
import { IMPERSONAL_TABLES, PERSON_TABLES } from '../../../src/state/postgres/personal-tables.ts'
import type { StateDb } from '../../../src/state/postgres/tables.ts'
import { emptyDatabase, openPostgres } from './database.ts'

let db: StateDb
beforeAll(async () => {
  const { connect } = await emptyDatabase(await openPostgres())
  db = connect().db
  await applyState(db)
})

it('a table of our own is one that deletion and export go through, or one that names nobody', async () => {
  const { rows } = await sql<{ name: string }>`
    select format('%s.%s', table_schema, table_name) as name from information_schema.tables
    where table_schema not in ('pg_catalog', 'information_schema')`.execute(db)
  expect(rows.map(({ name }) => name).toSorted()).toEqual([...PERSON_TABLES, ...IMPERSONAL_TABLES].toSorted())
})

it('a table of one system has the system in its key, and its texts in the order of their bytes', async () => {
  const { rows } = await sql<{ name: string; columns: string }>`
    select format('holdfast.%s', class.relname) as name, pg_get_indexdef(index.indexrelid) as columns
    from pg_index as index join pg_class as class on class.oid = index.indrelid
    where index.indisprimary and class.relnamespace = 'holdfast'::regnamespace`.execute(db)
  // The record of actions also has those of no system; the version is that of the schema.
  const shared = ['holdfast.state_version', 'holdfast.actions', 'holdfast.action_outcomes']
  const without = rows.filter(({ columns }) => !/\(system\b/.test(columns)).map(({ name }) => name)
  expect(without.toSorted()).toEqual(shared.toSorted())

  const unordered = await sql<{ name: string }>`
    select format('%s.%s', class.relname, attribute.attname) as name
    from pg_index as index join pg_class as class on class.oid = index.indrelid
    join pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum = any(index.indkey)
    join pg_type as type on type.oid = attribute.atttypid
    join pg_collation as ordering on ordering.oid = attribute.attcollation
    where class.relnamespace = 'holdfast'::regnamespace and type.typname = 'text' and ordering.collname <> 'C'`.execute(
    db,
  )
  expect(unordered.rows).toEqual([])
})
