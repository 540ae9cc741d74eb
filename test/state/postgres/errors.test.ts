import { createServer } from 'node:net'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import type { PostgresServer } from '../../../dev/servers/postgres/postgres.ts'
import type { PostgresDatabase } from '../../../src/adapters/postgres/lib/connect.ts'
import { callPostgres, sqlStateOf, violatedConstraint } from '../../../src/adapters/postgres/lib/errors.ts'
import { POSTGRES_PROBLEMS } from '../../../src/contracts/postgres/problems.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import type { StateTables } from '../../../src/state/postgres/tables.ts'
import { atEnd } from '../../support/at-end.ts'
import { emptyDatabase, openPostgres } from './database.ts'

const SECRET = 'ana@example.com'
type Db = PostgresDatabase<StateTables>['db']

let server: PostgresServer
let url: string
let connect: Awaited<ReturnType<typeof emptyDatabase>>['connect']
let db: Db
beforeAll(async () => {
  server = await openPostgres()
  ;({ url, connect } = await emptyDatabase(server))
  db = connect().db
  await sql`create schema shop`.execute(db)
  await sql`create table shop.people (
    mail text primary key, age int not null check (age > 0), boss text references shop.people
  )`.execute(db)
  await sql`insert into shop.people values (${SECRET}, 1)`.execute(db)
})

/** The problem of a statement that fails, with nothing of a value anywhere in it. */
async function problemOf(statement: string, on: Db = db, action = 'update'): Promise<OutsideError> {
  const failed = callPostgres('shop.people', action, () => sql.raw(statement).execute(on))
  const error: unknown = await failed.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof OutsideError)) throw error
  const all = [error.message, String(error.cause), JSON.stringify(error.detail), JSON.stringify(error)].join()
  expect(all).not.toContain(SECRET)
  return error
}

describe('a statement that Postgres refuses', () => {
  const row = (mail: string, age: string, boss = 'null') =>
    `insert into shop.people values ('${mail}', ${age}, ${boss})`
  it.each([
    [row(SECRET, '1'), { code: '23505 unique_violation', constraint: 'people_pkey' }],
    [row('x', 'null'), { code: '23502 not_null_violation', column: 'age' }],
    [row('x', '-1'), { code: '23514 check_violation', constraint: 'people_age_check' }],
    [row('x', '1', `'no ${SECRET}'`), { code: '23503 foreign_key_violation' }],
    [`select '${SECRET}'::int`, { code: '22P02 invalid_text_representation' }],
    [`select 1 from shop.orders where mail = '${SECRET}'`, { code: '42P01 undefined_table' }],
    [`select nothing from shop.people where mail = '${SECRET}'`, { code: '42703 undefined_column' }],
  ])('is named by table, column and condition, never by a value: %s', async (statement, detail) => {
    const { problem, detail: found, refusesRecord } = await problemOf(statement)
    expect(problem).toBe('postgres-refused')
    // a batch is split where another row may be accepted, not where every statement is refused alike
    expect(refusesRecord).toBe(/^2[23]/.test(detail.code))
    expect(found).toMatchObject({ table: 'shop.people', action: 'update', ...detail })
  })

  it('has a constraint, where it violates one, for the caller that expects that', async () => {
    const error: unknown = await sql
      .raw(row(SECRET, '1'))
      .execute(db)
      .catch((thrown: unknown) => thrown)
    expect([violatedConstraint(error), sqlStateOf(error)]).toEqual(['people_pkey', '23505'])
    expect([violatedConstraint(new Error('x')), sqlStateOf(new Error('x'))]).toEqual([null, null])
  })
})

describe('a role without a privilege', () => {
  async function roleWith(...grants: string[]): Promise<Db> {
    const role = `role_${Math.random().toString(36).slice(2)}`
    await sql.raw(`create role ${role} login password 'p'`).execute(db)
    for (const grant of grants) await sql.raw(`grant ${grant} to ${role}`).execute(db)
    const limited = new URL(url)
    limited.username = role
    limited.password = 'p'
    return connect({ url: limited.href }).db
  }
  const read = 'select * from shop.people'

  it.each([
    [[], read, 'find', 'grant usage on schema shop to <role>'],
    [['usage on schema shop'], read, 'find', 'grant select on shop.people to <role>'],
    [
      ['usage on schema shop', 'select on shop.people'],
      'update shop.people set age = 2',
      'update',
      'grant select, insert, update on shop.people to <role>',
    ],
  ])('with %j learns which grant it needs', async (grants, statement, action, grant) => {
    const { problem, detail } = await problemOf(statement, await roleWith(...grants), action)
    expect([problem, detail['table'], detail['grant']]).toEqual(['postgres-denied', 'shop.people', grant])
  })

  it('to create a schema learns that it needs the one on the database', async () => {
    const { detail } = await problemOf('create schema more', await roleWith('usage on schema shop'))
    expect(detail['grant']).toMatch(/^grant create on database "test-[\w-]+" to <role>$/)
  })

  it('that violates a policy is denied too', async () => {
    await sql`create table shop.own (id int)`.execute(db)
    await sql`alter table shop.own enable row level security`.execute(db)
    const limited = await roleWith('usage on schema shop', 'insert on shop.own')
    const { problem, detail } = await problemOf('insert into shop.own values (1)', limited)
    expect(problem).toBe('postgres-denied')
    expect(detail['grant']).toContain('a policy on ')
  })

  it.each([
    ['a wrong password', (wrong: URL) => (wrong.password = 'guess')],
    ['no password', (wrong: URL) => (wrong.password = '')],
  ])('with %s cannot log in', async (_, change) => {
    const wrong = new URL(url)
    change(wrong)
    const { problem, detail } = await problemOf('select 1', connect({ url: wrong.href }).db)
    expect(problem).toBe('postgres-denied')
    const { fix } = POSTGRES_PROBLEMS['postgres-denied']
    expect(fix({ system: 'medusa', identity: 'x', detail })).toContain('MEDUSA_DB_URL')
  })
})

describe('a limit or another transaction', () => {
  it.each([
    ['its time limit', "set local statement_timeout = '50ms'; select pg_sleep(5)"],
    ['a lock that it does not wait for', "select pg_sleep(0); do $$ begin raise sqlstate '55P03'; end $$"],
    ['a deadlock', "do $$ begin raise sqlstate '40P01'; end $$"],
    ['a serialization failure', "do $$ begin raise sqlstate '40001'; end $$"],
    ['too many connections', "do $$ begin raise sqlstate '53300'; end $$"],
  ])('that ends a statement is a passing failure: %s', async (_, statement) => {
    const { problem, detail } = await problemOf(`begin; ${statement}; commit`)
    expect([problem, detail['table']]).toEqual(['postgres-throttled', 'shop.people'])
    await sql`rollback`.execute(db)
  })
})

describe('a server that does not answer', () => {
  it.each([
    ['refuses connections', 'postgres://x:p@127.0.0.1:1/x'],
    ['has no address', 'postgres://x:p@nowhere.invalid/x'],
  ])('because it %s', async (_, address) => {
    expect((await problemOf('select 1', connect({ url: address }).db)).problem).toBe('postgres-unreachable')
  })

  it('because it accepts connections and says nothing, within the limit', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    atEnd(async () => void silent.close())
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    const began = performance.now()
    const { problem } = await problemOf('select 1', connect({ url: `postgres://x:p@127.0.0.1:${port}/x` }).db)
    expect(problem).toBe('postgres-unreachable')
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  it('because it ends the connection, or accepts no writes after a failover', async () => {
    const ended = await problemOf('select pg_terminate_backend(pg_backend_pid())')
    expect(ended.problem).toBe('postgres-unreachable')
    const readOnly = await problemOf('begin read only; delete from shop.people')
    expect(readOnly.problem).toBe('postgres-unreachable')
    await callPostgres('shop.people', 'find', () => sql`select 1`.execute(db))
  })
})

it('an error of our own code is thrown unchanged', async () => {
  const mistake = new TypeError('ours')
  await expect(callPostgres('shop.people', 'find', () => Promise.reject(mistake))).rejects.toBe(mistake)
})
