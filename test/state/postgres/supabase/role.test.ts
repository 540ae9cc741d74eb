import { randomUUID } from 'node:crypto'
import { beforeAll, expect, it } from 'vitest'
import type { SupabaseServer } from '../../../../dev/servers/supabase/supabase.ts'
import { createAuthUsers } from '../../../../dev/servers/supabase/users.ts'
import { connectPostgres } from '../../../../src/adapters/postgres/lib/connect.ts'
import { applyState, assertStateVersion, filesFor } from '../../../../src/state/postgres/migrate.ts'
import { missingPrivileges } from '../../../../src/state/postgres/setup.ts'
import type { StateTables } from '../../../../src/state/postgres/tables.ts'
import { atEnd } from '../../../support/at-end.ts'
import { answerTo, openProject, openSupabase, ROLE_SQL } from './database.ts'

let server: SupabaseServer
beforeAll(async () => {
  server = await openSupabase()
})

it('the objects of Supabase are applied once, by the role postgres, and needed by every process', async () => {
  const { urlOf, as } = await openProject(server, { installed: false })
  const { db, close } = connectPostgres<StateTables>({ url: urlOf('postgres') })
  atEnd(close)
  await applyState(db)
  const needed = filesFor({ ownSql: 'supabase' })
  await expect(assertStateVersion(db, 'supabase', needed)).rejects.toThrow(
    'The database has no objects of sql/supabase. Run: holdfast state apply supabase',
  )
  const { applied } = await applyState(db, needed)
  expect(applied).toEqual(['supabase/001-views.sql', 'supabase/002-access.sql'])
  expect((await applyState(db, needed)).applied).toEqual([])
  await assertStateVersion(db, 'supabase', needed)
  await as('postgres').query(`update holdfast.system_sql set checksum = 'x' where version = 2`)
  await expect(assertStateVersion(db, 'supabase', needed)).rejects.toThrow('restore sql/supabase')
})

it('the role holdfast reads users and audit entries, reads and adds profiles and events, and nothing else', async () => {
  const { urlOf, as } = await openProject(server)
  const users = createAuthUsers(as('supabase_auth_admin'))
  const own = await users.signUp({ email: 'own@example.com' })
  const made = await users.createByAdmin({ email: 'made@example.com' })
  const sso = await users.signUpWithSso({ email: 'SSO@example.com' })
  await users.signUpAnonymously()
  await users.remove(made)
  const holdfast = as('holdfast')
  const read = async (sql: string): Promise<unknown[]> =>
    (await holdfast.query({ text: sql, rowMode: 'array' })).rows
  expect(
    await read(
      'select id, email, identity_email, is_anonymous, is_sso_user from holdfast.auth_users order by created_at',
    ),
  ).toEqual([
    [own, 'own@example.com', 'own@example.com', false, false],
    [sso, null, 'sso@example.com', false, true],
    [expect.any(String), null, null, true, false],
  ])
  expect(
    await read(
      `select action, user_id, email, by_admin from holdfast.auth_audit where action ~ 'user' order by created_at, action desc`,
    ),
  ).toEqual([
    ['user_signedup', own, 'own@example.com', false],
    ['user_signedup', made, 'made@example.com', true],
    ['user_signedup', sso, 'SSO@example.com'.toLowerCase(), false],
    ['user_deleted', made, 'made@example.com', true],
  ])
  // All rows, not the empty table that row-level security without a policy shows.
  expect(await read(`select count(*)::integer from public.profiles`)).toEqual([[3]])
  const id = randomUUID()
  await holdfast.query('insert into public.profiles (id) values ($1) on conflict do nothing', [id])
  await holdfast.query(
    `insert into public.user_events (user_id, event_type) values ($1, 'profile_backfilled')`,
    [id],
  )
  expect(await read(`select event_type from public.user_events where user_id = '${id}'`)).toEqual([
    ['profile_backfilled'],
  ])

  const database = connectPostgres<StateTables>({ url: urlOf('holdfast') })
  atEnd(() => database.close())
  expect(await missingPrivileges(database.db)).toEqual([])
  for (const statement of [
    `update public.profiles set email = ''`,
    'delete from public.profiles',
    `update public.user_events set event_type = ''`,
    'delete from public.user_events',
    'select from auth.users',
    'delete from holdfast.auth_users',
    `update holdfast.auth_users set email = ''`,
    'delete from holdfast.auth_audit',
    'delete from holdfast.actions',
    'update holdfast.system_sql set version = 9',
    'create table holdfast.more ()',
    'set role authenticated',
    'create table public.more ()',
  ])
    expect(await answerTo(holdfast, statement), statement).toMatch(
      /permission denied|cannot (?:delete|update)/,
    )
  // Not by a grant either: the views are none that can be written.
  expect(await answerTo(as('postgres'), 'delete from holdfast.auth_users')).toContain(
    'cannot delete from view',
  )
  expect(await answerTo(as('postgres'), 'delete from holdfast.auth_audit')).toContain(
    'cannot delete from view',
  )
})

it('with select alone in observe mode, nothing of the application can be written', async () => {
  const { as } = await openProject(server)
  await as('postgres').query(ROLE_SQL.replace(`'holdfast.writes', 'yes'`, `'holdfast.writes', 'no'`))
  const holdfast = as('holdfast')
  expect(await answerTo(holdfast, 'select from public.profiles')).toBe('done')
  for (const table of ['profiles (id)', 'user_events (user_id)'])
    expect(await answerTo(holdfast, `insert into public.${table} values (gen_random_uuid())`)).toContain(
      'permission denied',
    )
})

it('no object of Holdfast can be read or run by the roles of the REST API, nor by Auth', async () => {
  const { as } = await openProject(server)
  const owner = as('postgres')
  const { rows } = await owner.query<{ call: string }>(`
    select format('select from holdfast.%I', relname) as call from pg_class
     where relnamespace = 'holdfast'::regnamespace and relkind in ('r', 'v')
    union all select format('select holdfast.%I(%s)', proname, array_to_string(array_fill('null'::text, array[pronargs::integer]), ','))
      from pg_proc where pronamespace = 'holdfast'::regnamespace`)
  expect(rows.length).toBeGreaterThan(20)
  for (const role of ['anon', 'authenticated', 'service_role'])
    for (const { call } of rows)
      expect(await answerTo(owner, call, { role }), call).toContain('permission denied')
  const { rows: kept } = await owner.query<{ name: string }>(`
    select oid::regclass::text as name from pg_class c, unnest(array['anon', 'authenticated', 'service_role', 'supabase_auth_admin']) as r
     where relnamespace = 'holdfast'::regnamespace and relkind in ('r', 'v') and has_table_privilege(r, oid, 'select')
    union all select oid::regprocedure::text from pg_proc, unnest(array['service_role', 'supabase_auth_admin']) as r
     where pronamespace = 'holdfast'::regnamespace and proname ~ '^try_as' and has_function_privilege(r, oid, 'execute')`)
  expect(kept).toEqual([])
})

it('what requests may do with the row of another person is tried, and undone', async () => {
  const { as } = await openProject(server)
  const users = createAuthUsers(as('supabase_auth_admin'))
  const [own, other] = [
    await users.signUp({ email: 'a@example.com' }),
    await users.signUp({ email: 'b@example.com' }),
  ]
  const attempt = async (role: string, table: string, key: string): Promise<unknown> => {
    const { rows } = await as('holdfast').query(
      `select * from holdfast.try_as_${role}($1::text::regclass, $2, $3, $4)`,
      [table, key, own, other],
    )
    return rows[0]
  }
  const tables = [
    ['public.profiles', 'id'],
    ['public.user_events', 'user_id'],
  ] as const
  for (const [table, key] of tables) {
    expect(await attempt('authenticated', table, key)).toEqual({ reads_own: true, may_with_other: [] })
    expect(await attempt('anon', table, key)).toEqual({ reads_own: false, may_with_other: [] })
  }
  const owner = as('postgres')
  await owner.query('create policy leak on public.profiles for select using (true)')
  expect(await attempt('anon', 'public.profiles', 'id')).toEqual({
    reads_own: true,
    may_with_other: ['select'],
  })
  for (const [table] of tables) await owner.query(`alter table ${table} disable row level security`)
  const all = { reads_own: true, may_with_other: ['select', 'insert', 'update', 'delete'] }
  for (const [table, key] of tables)
    for (const role of ['anon', 'authenticated'])
      expect(await attempt(role, table, key), `${role} ${table}`).toEqual(all)
  const { rows } = await owner.query('select id from public.profiles order by created_at')
  expect(rows).toEqual([{ id: own }, { id: other }])
})
