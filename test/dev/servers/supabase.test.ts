import { Pool } from 'pg'
import { beforeAll, expect, test } from 'vitest'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { startSupabase, type SupabaseServer } from '../../../dev/servers/supabase/supabase.ts'
import { createAuthUsers, type AuthUsers } from '../../../dev/servers/supabase/users.ts'
import { atEnd } from '../../support/at-end.ts'

let server: SupabaseServer
let owner: Pool
let users: AuthUsers

function connect(url: string): Pool {
  const pool = new Pool({ connectionString: url, max: 2 })
  pool.on('error', () => {}) // an idle connection ends with the server
  atEnd(() => pool.end())
  return pool
}

beforeAll(async () => {
  server = await startSupabase({ progress })
  atEnd(() => server.stop())
  owner = connect(server.urlOf('postgres'))
  users = createAuthUsers(connect(server.urlOf('supabase_auth_admin')))
})

async function rows(sql: string, values: unknown[] = [], pool = owner): Promise<unknown[]> {
  return (await pool.query({ text: sql, values, rowMode: 'array' })).rows
}

/** As PostgREST does it: the role and its claims for one transaction. */
async function as(role: string, sub: string | null, sql: string): Promise<unknown[]> {
  const client = await owner.connect()
  try {
    await client.query('begin')
    await client.query(`select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)`, [
      role,
      JSON.stringify({ sub, role }),
    ])
    return (await client.query({ text: sql, rowMode: 'array' })).rows
  } finally {
    await client.query('rollback')
    client.release()
  }
}

// The roles and objects that are here, as roles.out, auth.out and default_privs.out of supabase/postgres describe them.
test('roles, owners and grants are those that the tests of supabase/postgres expect', async () => {
  const flags = `rolname, rolsuper, rolcanlogin, rolinherit, rolcreaterole, rolcreatedb, rolbypassrls`
  expect(
    await rows(`select ${flags} from pg_roles where rolname !~ '^pg_' and rolname <> 'holdfast' order by 1`),
  ).toEqual([
    ['anon', false, false, true, false, false, false],
    ['authenticated', false, false, true, false, false, false],
    ['authenticator', false, true, false, false, false, false],
    ['dashboard_user', false, false, true, true, true, false],
    ['postgres', false, true, true, true, true, true],
    ['service_role', false, false, true, false, false, true],
    ['supabase_admin', true, true, true, true, true, true],
    ['supabase_auth_admin', false, true, false, true, false, false],
  ])
  expect(
    await rows(
      `select rolname, setting from pg_roles, unnest(rolconfig) as setting where setting ~ 'timeout' order by 1, 2`,
    ),
  ).toEqual([
    ['anon', 'statement_timeout=3s'],
    ['authenticated', 'statement_timeout=8s'],
    ['authenticator', 'lock_timeout=8s'],
    ['authenticator', 'statement_timeout=8s'],
    ['supabase_auth_admin', 'idle_in_transaction_session_timeout=60000'],
  ])
  expect(
    await rows(`select member::regrole::text, string_agg(roleid::regrole::text, ' ' order by roleid::regrole::text)
      from pg_auth_members where member::regrole::text in ('authenticator', 'postgres') and roleid::regrole::text !~ '^(pg_|holdfast)'
      group by 1 order by 1`),
  ).toEqual([
    ['authenticator', 'anon authenticated service_role'],
    ['postgres', 'anon authenticated service_role'],
  ])
  expect(
    await rows(`select relname, relowner::regrole::text, relrowsecurity, (select count(*)::integer from pg_policy where polrelid = c.oid)
      from pg_class c where relnamespace = 'auth'::regnamespace and relkind = 'r' order by 1`),
  ).toEqual([
    ['audit_log_entries', 'supabase_auth_admin', true, 0],
    ['identities', 'supabase_auth_admin', true, 0],
    ['users', 'supabase_auth_admin', true, 0],
  ])
  expect(
    await rows(`select nspowner::regrole::text, grantee::regrole::text, string_agg(privilege_type || case when is_grantable then '*' else '' end, ' ' order by privilege_type)
      from pg_namespace, aclexplode(nspacl) where nspname = 'auth' group by 1, 2 order by 2`),
  ).toEqual(
    [
      ['anon', 'USAGE'],
      ['authenticated', 'USAGE'],
      ['dashboard_user', 'CREATE USAGE'],
      ['postgres', 'USAGE'],
      ['service_role', 'USAGE'],
      ['supabase_admin', 'CREATE USAGE'],
      ['supabase_auth_admin', 'CREATE USAGE'],
    ].map((grant) => ['supabase_admin', ...grant]),
  )
  expect(
    await rows(
      `select proname, proowner::regrole::text from pg_proc where pronamespace = 'auth'::regnamespace and proname <> 'jwt' order by 1`,
    ),
  ).toEqual(['email', 'role', 'uid'].map((name) => [name, 'supabase_auth_admin']))
  expect(
    await rows(`select defaclrole::regrole::text, defaclobjtype::text from pg_default_acl
      where defaclnamespace = 'public'::regnamespace order by 1 desc, 2`),
  ).toEqual(['supabase_admin', 'postgres'].flatMap((role) => ['S', 'f', 'r'].map((kind) => [role, kind])))
})

test('the role postgres has the limits of the hosted platform', async () => {
  for (const [statement, refusal] of [
    ['create index on auth.audit_log_entries (created_at)', 'must be owner'],
    [
      'create function auth.f() returns integer language sql as $$ select 1 $$',
      'permission denied for schema auth',
    ],
    ['create table auth.t ()', 'permission denied for schema auth'],
    ['alter table auth.users disable trigger all', 'must be owner'],
    ['set role supabase_auth_admin', 'permission denied'],
  ] as const)
    await expect(owner.query(statement), statement).rejects.toThrow(refusal)
  await owner.query('grant usage on schema auth to holdfast') // a warning, and no effect
  await owner.query('grant select on auth.users to holdfast')
  const holdfast = connect(server.urlOf('holdfast'))
  await expect(holdfast.query('select from auth.users')).rejects.toThrow('permission denied for schema auth')
  await owner.query('revoke select on auth.users from holdfast')
})

test('each kind of user is written as Supabase Auth writes it', async () => {
  const own = await users.signUp({
    email: 'Ann@Example.com',
    metadata: { account_type: 'business', full_name: 'Ann' },
  })
  const phone = await users.signUp({ phone: '4915112345' })
  const made = await users.createByAdmin({ email: 'made@example.com', appMetadata: { plan: 'team' } })
  const sso = await users.signUpWithSso({ email: 'sso@example.com' })
  const anonymous = await users.signUpAnonymously()
  const open = await users.signUp({ email: 'open@example.com' }, { confirmed: false })
  expect(
    await rows(`select u.id, u.email, i.email, is_sso_user, is_anonymous, confirmed_at is not null, p.email, p.account_type, p.full_name
      from auth.users u left join auth.identities i on i.user_id = u.id left join public.profiles p on p.id = u.id
      order by u.created_at`),
  ).toEqual([
    [own, 'ann@example.com', 'ann@example.com', false, false, true, 'ann@example.com', 'business', 'Ann'],
    [phone, null, null, false, false, true, null, 'personal', null],
    [made, 'made@example.com', 'made@example.com', false, false, true, 'made@example.com', 'personal', null],
    [sso, null, 'sso@example.com', true, false, true, null, 'personal', null],
    [anonymous, null, null, false, true, false, null, null, null],
    [open, 'open@example.com', 'open@example.com', false, false, false, 'open@example.com', 'personal', null],
  ])
  const actions = (id: string): Promise<unknown[]> =>
    rows(
      `select payload ->> 'action' from auth.audit_log_entries
       where payload ->> 'actor_id' = $1 or payload -> 'traits' ->> 'user_id' = $1 order by 1`,
      [id],
    )
  expect(await actions(own)).toEqual([['login'], ['user_signedup']])
  expect(await actions(open)).toEqual([['user_confirmation_requested']])
  await users.confirm(open)
  expect(await actions(open)).toEqual([['user_confirmation_requested'], ['user_signedup']])
  expect(await actions(anonymous)).toEqual([])
  await users.convert(anonymous, 'now@example.com')
  expect(
    await rows(
      `select payload ->> 'actor_id', payload ->> 'actor_username' from auth.audit_log_entries
      where payload -> 'traits' ->> 'user_id' = $1`,
      [made],
    ),
  ).toEqual([['00000000-0000-0000-0000-000000000000', 'service_role']])
  await users.remove(made)
  await users.remove(own, 'soft')
  await users.ban(phone)
  expect(await actions(made)).toEqual([['user_deleted'], ['user_signedup']])
  expect(
    await rows(
      `select id, deleted_at is not null, banned_until > now() from auth.users where id = any($1)
      order by created_at`,
      [[own, phone, made]],
    ),
  ).toEqual([
    [own, true, null],
    [phone, false, true],
  ])
  await users.signUpMany(500)
  expect(
    await rows(`select count(*)::integer, count(distinct u.id)::integer from auth.users u join public.profiles p using (id)
      join auth.audit_log_entries a on a.payload ->> 'actor_id' = u.id::text where u.email like 'user-%'`),
  ).toEqual([[500, 500]])
})

test('a person reads and changes their own profile and events, and those of no other', async () => {
  const [one, other] = [
    await users.signUp({ email: 'one@example.com' }),
    await users.signUp({ email: 'other@example.com' }),
  ]
  for (const [table, key] of [
    ['profiles', 'id'],
    ['user_events', 'user_id'],
  ] as const) {
    const change = `update public.${table} set created_at = now() where ${key} in ('${one}', '${other}') returning ${key}`
    const distinct = (found: unknown[]): Set<unknown> => new Set(found.flat())
    expect(distinct(await as('authenticated', one, `select ${key} from public.${table}`))).toEqual(
      new Set([one]),
    )
    expect(distinct(await as('authenticated', one, change))).toEqual(new Set([one]))
    expect(await as('anon', null, `select ${key} from public.${table}`)).toEqual([])
    expect(await as('anon', null, change)).toEqual([])
    expect(distinct(await as('service_role', null, change))).toEqual(new Set([one, other]))
  }
  for (const role of ['anon', 'authenticated', 'service_role'])
    await expect(as(role, one, 'select email from auth.users')).rejects.toThrow(
      'permission denied for table users',
    )
})

test('a trigger that raises undoes user, identity and audit entry', async () => {
  const project = await server.ensureProject('raising')
  const db = connect(project.urlOf('postgres'))
  await db.query(`create or replace function public.handle_new_user() returns trigger language plpgsql
    as $$ begin raise exception 'trigger boom'; end $$`)
  const auth = createAuthUsers(connect(project.urlOf('supabase_auth_admin')))
  await expect(auth.signUp({ email: 'lost@example.com' })).rejects.toThrow('trigger boom')
  expect(
    await rows(
      `select (select count(*)::integer from auth.users), (select count(*)::integer from auth.identities),
      (select count(*)::integer from auth.audit_log_entries)`,
      [],
      db,
    ),
  ).toEqual([[0, 0, 0]])
})
