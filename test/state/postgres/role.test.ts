import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { applyState, assertStateVersion } from '../../../src/state/postgres/migrate.ts'
import { missingPrivileges } from '../../../src/state/postgres/setup.ts'
import { createPostgresState } from '../../../src/state/postgres/state.ts'
import { emptyDatabase, openPostgres } from './database.ts'

const ROLE_SQL = readFileSync(new URL('../../../deploy/postgres/role.sql', import.meta.url), 'utf8')

it('the role of deploy/postgres can write all that Holdfast keeps, and cannot change what operators did', async () => {
  const { url, connect } = await emptyDatabase(await openPostgres())
  const owner = connect()
  await applyState(owner.db)
  await sql`create role holdfast login password 'p'`.execute(owner.db)
  for (let run = 0; run < 2; run += 1) await sql.raw(ROLE_SQL).execute(owner.db)
  const limited = new URL(url)
  limited.username = 'holdfast'
  limited.password = 'p'
  const database = connect({ url: limited.href })
  await assertStateVersion(database.db, 'medusa')

  const state = createPostgresState(database, 'medusa')
  const by = { name: 'ana', verified: true, via: 'command' } as const
  const action = { system: 'medusa', name: 'retry', kind: 'change', scope: null, reason: null } as const
  const id = await state.actions.begin({ ...action, subjects: [], by })
  await sql`update holdfast.actions set expires_at = now() - interval '1 day'`.execute(owner.db)
  const kept = await state.actions.begin({ ...action, subjects: [], by })
  await state.actions.end(id, { outcome: 'succeeded', keyIds: [], count: 0, error: null })
  expect((await state.actions.list({}, 9)).map((one) => one.id)).toEqual([kept])
  await state.seenEvents.record('t', ['x'])
  await state.ping()

  expect(await missingPrivileges(database.db)).toEqual([])
  await sql`revoke execute on function holdfast.expire_actions(integer) from holdfast`.execute(owner.db)
  await sql`revoke insert on holdfast.alerts from holdfast`.execute(owner.db)
  expect(await missingPrivileges(database.db)).toEqual([
    { table: 'holdfast.alerts', actions: ['insert'] },
    { table: 'function holdfast.expire_actions(batch integer)', actions: ['execute'] },
  ])
  // A process that has not deleted what expired yet: the outcome is recorded although it may not delete.
  const fresh = createPostgresState(connect({ url: limited.href }), 'medusa')
  await fresh.actions.end(kept, { outcome: 'succeeded', keyIds: [], count: 0, error: null })
  expect((await state.actions.list({}, 9))[0]?.outcome).toBe('succeeded')
  await sql.raw(ROLE_SQL).execute(owner.db)

  for (const statement of [
    'delete from holdfast.actions',
    "update holdfast.action_outcomes set outcome = 'failed'",
    'truncate holdfast.actions',
    'delete from holdfast.state_version',
    'create table holdfast.more ()',
  ])
    await expect(sql.raw(statement).execute(database.db)).rejects.toThrow('permission denied')
  const { rows } = await sql`select current_setting('statement_timeout') as limit`.execute(database.db)
  expect(rows).toEqual([{ limit: '10s' }])
  const { rows: others } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = 'holdfast'::regnamespace and relkind = 'r' and not has_table_privilege('holdfast', oid, 'insert')
    order by 1`.execute(owner.db)
  expect(others).toEqual([{ name: 'state_version' }, { name: 'system_sql' }])
})
