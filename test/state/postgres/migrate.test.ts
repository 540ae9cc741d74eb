import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { PostgresServer } from '../../../dev/servers/postgres/postgres.ts'
import { applyState, assertStateVersion } from '../../../src/state/postgres/migrate.ts'
import { stateFiles, type StateFile } from '../../../src/state/postgres/state-files.ts'
import { emptyDatabase, openPostgres } from './database.ts'

const files = stateFiles()
const next: StateFile = {
  version: files.length + 1,
  name: `00${files.length + 1}-of-the-test.sql`,
  text: 'create table holdfast.of_the_test (); select pg_sleep(0.2);',
  checksum: 'c0ffee',
}

let server: PostgresServer
beforeAll(async () => {
  server = await openPostgres()
})

async function tablesOf(db: Parameters<typeof applyState>[0]): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'holdfast'`.execute(db)
  return rows.map(({ name }) => name)
}

describe('applying the tables of the state', () => {
  it('creates them, and changes nothing the second time', async () => {
    const { db } = (await emptyDatabase(server)).connect()
    expect(await applyState(db)).toEqual({
      version: files.length,
      applied: files.map(({ name }) => name),
    })
    expect(await tablesOf(db)).toContain('tombstones')
    expect(await applyState(db)).toEqual({ version: files.length, applied: [] })
    await assertStateVersion(db, 'atproto')
  })

  it('applies only the files that are new', async () => {
    const { db } = (await emptyDatabase(server)).connect()
    await applyState(db)
    expect(await applyState(db, { files: [...files, next] })).toEqual({
      version: next.version,
      applied: [next.name],
    })
    expect(await tablesOf(db)).toContain('of_the_test')
  })

  it('is carried out once by several processes at once', async () => {
    const database = await emptyDatabase(server)
    const processes = Array.from({ length: 4 }, () => database.connect())
    const results = await Promise.all(processes.map(({ db }) => applyState(db, { files: [...files, next] })))
    expect(results.map(({ applied }) => applied.length).toSorted((a, b) => a - b)).toEqual([
      0,
      0,
      0,
      files.length + 1,
    ])
  })

  it('leaves nothing of a file that fails, nor of those before it', async () => {
    const { db } = (await emptyDatabase(server)).connect()
    const broken = { ...next, text: 'create table holdfast.half (); create table no_such_schema.t ();' }
    await expect(applyState(db, { files: [...files, broken] })).rejects.toMatchObject({
      problem: 'postgres-refused',
    })
    expect(await tablesOf(db)).toEqual([])
    expect((await applyState(db)).applied).toHaveLength(files.length)
  })

  it('works for a role that may not create schemas, in one that it was given', async () => {
    const database = await emptyDatabase(server)
    const { db } = database.connect()
    const role = `role_${Date.now()}`
    await sql`create role ${sql.id(role)} login password 'p'`.execute(db)
    await sql`create schema holdfast authorization ${sql.id(role)}`.execute(db)
    const url = new URL(database.url)
    url.username = role
    url.password = 'p'
    const limited = database.connect({ url: url.href }).db
    await applyState(limited)
    await assertStateVersion(limited, 'atproto')
  })
})

describe('the version of the state', () => {
  it('is refused where there are no tables', async () => {
    const { db } = (await emptyDatabase(server)).connect()
    await expect(assertStateVersion(db, 'medusa')).rejects.toThrow(
      'The database has no tables of Holdfast. Run: holdfast state apply medusa',
    )
  })

  it('is refused where it is older', async () => {
    const { db } = (await emptyDatabase(server)).connect()
    await applyState(db)
    await expect(assertStateVersion(db, 'medusa', { files: [...files, next] })).rejects.toThrow(
      `have version ${files.length}; this version of Holdfast needs ${next.version}. Run: holdfast state apply medusa`,
    )
  })

  it('is refused where it is newer, and nothing is applied', async () => {
    const { db } = (await emptyDatabase(server)).connect()
    await applyState(db, { files: [...files, next] })
    const refusal = `have version ${next.version}, and this version of Holdfast knows ${files.length} at most`
    await expect(assertStateVersion(db, 'medusa')).rejects.toThrow(refusal)
    await expect(applyState(db)).rejects.toThrow(refusal)
  })

  it('is refused where another file created the tables, and nothing is applied', async () => {
    const { db } = (await emptyDatabase(server)).connect()
    await applyState(db, { files: [...files, next] })
    const other = [...files, { ...next, checksum: 'another' }]
    const refusal = `created by another ${next.name} than the one of this version`
    await expect(assertStateVersion(db, 'medusa', { files: other })).rejects.toThrow(refusal)
    await expect(applyState(db, { files: other })).rejects.toThrow(refusal)
  })

  it('does not count as wrong while the database is away', async () => {
    const { connect } = await emptyDatabase(server)
    const { db } = connect({ url: 'postgres://nobody@127.0.0.1:1/none' })
    await expect(assertStateVersion(db, 'medusa')).rejects.toMatchObject({ problem: 'postgres-unreachable' })
  })
})
