import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import type { SupabaseServer } from '../../../dev/servers/supabase/supabase.ts'
import { createAuthUsers, type AuthUsers } from '../../../dev/servers/supabase/users.ts'
import { openCheckContext } from '../../../src/checks/context.ts'
import { runChecks } from '../../../src/checks/run-checks.ts'
import { connectionKind } from '../../../src/checks/supabase/connection.ts'
import { supabaseDatabaseChecks } from '../../../src/checks/supabase/database.ts'
import { checkText } from '../../../src/cli/format/check.ts'
import { inPostgres } from '../../../src/config/state.ts'
import type { CheckReport } from '../../../src/contracts/checks.ts'
import { SUPABASE_VOCABULARY } from '../../../src/contracts/supabase/vocabulary.ts'
import { VOCABULARIES } from '../../../src/contracts/vocabulary.ts'
import { atproto } from '../../../src/systems/atproto.ts'
import { atEnd } from '../../support/at-end.ts'
import { openProject, openSupabase, type SupabaseDatabase } from '../../state/postgres/supabase/database.ts'

Object.assign(VOCABULARIES, { supabase: SUPABASE_VOCABULARY })
let server: SupabaseServer
let project: SupabaseDatabase
let users: AuthUsers
let check: (env?: Record<string, string>) => Promise<CheckReport>

beforeAll(async () => {
  server = await openSupabase()
})
beforeEach(async () => {
  project = await openProject(server)
  users = createAuthUsers(project.as('supabase_auth_admin'))
  await users.signUp({ email: 'a@example.com' })
  await users.signUp({ email: 'b@example.com' })
  const served = { ...atproto, name: 'supabase' as const, state: inPostgres('supabase', { ownSql: true }) }
  check = async (env = {}) => {
    const context = openCheckContext(served, { SUPABASE_DB_URL: project.urlOf('holdfast'), ...env })
    try {
      return await runChecks('supabase', supabaseDatabaseChecks(context))
    } finally {
      await context.close()
    }
  }
})

async function sql(statement: string, role: 'postgres' | 'supabase_admin' = 'postgres'): Promise<unknown[]> {
  return (await project.as(role).query({ text: statement, rowMode: 'array' })).rows
}

function names({ findings, notices }: CheckReport): string[] {
  return [...findings, ...notices].map(({ name }) => name)
}

it('a project as role.sql leaves it passes, in observe mode with select alone too', async () => {
  const report = await check()
  expect(names(report)).toEqual([])
  expect(report.checks.find(({ name }) => name === 'trigger')?.facts).toEqual([
    'on_auth_user_created calls public.handle_new_user on insert',
  ])
  expect(report.checks.find(({ name }) => name === 'rest-access')?.facts).toHaveLength(4)
  expect(report.checks.find(({ name }) => name === 'supabase-events')?.facts[0]).toBe(
    'last call of the database webhook: none',
  )
  await sql('revoke insert on public.profiles, public.user_events from holdfast')
  expect(names(await check({ HOLDFAST_MODE: 'observe' }))).toEqual([])
  expect(names(await check())).toEqual(['postgres-privilege-missing', 'postgres-privilege-missing'])
  expect((await check({ SUPABASE_PROFILES_BY: 'application' })).checks.at(-1)).toMatchObject({
    name: 'trigger',
    skipped: 'SUPABASE_PROFILES_BY is application',
  })
})

it('names rights and policies that are missing or superfluous, open tables and unmapped columns', async () => {
  await sql(`drop policy holdfast_reads on public.profiles; grant delete on public.user_events to holdfast;
    create policy everybody on public.user_events for select using (true); drop policy "own profile: read" on public.profiles;
    alter table public.profiles add column plan text not null default 'free'; alter table public.profiles alter column plan drop default`)
  const { findings, notices } = await check()
  expect(findings.map(({ sentence }) => sentence)).toEqual([
    'The Postgres role of Holdfast lacks the privilege a policy for select on public.profiles.',
    'public.profiles requires a value for plan, and Holdfast has none: its inserts fail.',
    "Over the REST API, anon may select another person's rows of public.user_events.",
    "Over the REST API, authenticated may select another person's rows of public.user_events.",
  ])
  expect(findings[0]?.fix).toContain(
    'create policy holdfast_reads on public.profiles for select to holdfast using (true)',
  )
  expect(notices.map(({ sentence }) => sentence)).toContain(
    'The Postgres role of Holdfast has more privileges than it needs: delete on public.user_events.',
  )
})

it('S7: names a lost trigger with the statement that restores it, whatever the folder of migrations', async () => {
  await check()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-migrations-'))
  atEnd(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, '20261101_lost.sql'), 'drop trigger on_auth_user_created on auth.users;')
  await sql('drop trigger on_auth_user_created on auth.users', 'supabase_admin')
  const report = await check({ SUPABASE_MIGRATIONS: folder })
  const [lost] = report.findings
  expect(lost?.name).toBe('trigger-missing')
  expect(lost?.sentence).toMatch(
    /^The trigger on_auth_user_created on auth\.users, which called public\.handle_new_user, was lost between the inspections of \S+ and \S+, by the migration 20261101_lost\.sql: new users get no profile\.$/,
  )
  expect(checkText(report)).toContain(`\n${lost?.statement ?? 'no statement'}\n`)
  expect(names(await check({ SUPABASE_MIGRATIONS: join(folder, 'none') }))).toEqual([
    'trigger-missing',
    'migrations-unreadable',
  ])
  await sql(lost?.statement ?? '')
  expect(names(await check())).toEqual([])
})

it('offers a trigger of its own where none was ever seen, which never refuses a user', async () => {
  await sql(
    'drop trigger on_auth_user_created on auth.users; drop function public.handle_new_user()',
    'supabase_admin',
  )
  const [never] = (await check()).findings
  expect(never?.sentence).toContain('no inspection has ever seen one')
  await sql(never?.statement ?? '')
  expect(names(await check())).toEqual([])
  const events = (id: string): Promise<unknown[]> =>
    sql(`select event_type from public.user_events where user_id = '${id}' order by 1`)
  const good = await users.signUp({ email: 'C@example.com', metadata: { account_type: 'business' } })
  const refused = await users.signUp({ email: 'd@example.com', metadata: { account_type: 'unknown' } })
  const anonymous = await users.signUpAnonymously()
  expect(await sql(`select email, account_type from public.profiles where id = '${good}'`)).toEqual([
    ['c@example.com', 'business'],
  ])
  expect(
    await sql(`select count(*)::integer from public.profiles where id in ('${refused}', '${anonymous}')`),
  ).toEqual([[0]])
  expect(await events(good)).toEqual([['auth_user_created'], ['profile_bootstrap_ok']])
  expect(await events(refused)).toEqual([['auth_user_created'], ['profile_bootstrap_error']])
  await sql('alter table public.user_events rename to gone')
  const silent = await users.signUp({ email: 'e@example.com' })
  expect(await sql(`select count(*)::integer from public.profiles where id = '${silent}'`)).toEqual([[1]])
})

it('an index on the audit log is advised above 100,000 entries, only to its owner', async () => {
  await sql('delete from auth.audit_log_entries', 'supabase_admin')
  expect(names(await check())).toEqual(['audit-log-empty'])
  await users.signUpMany(10)
  await sql(
    `insert into auth.audit_log_entries (id, payload, created_at) select gen_random_uuid(), '{}', now() from generate_series(1, 110000);
    analyze auth.audit_log_entries`,
    'supabase_admin',
  )
  expect(names(await check())).toEqual([])
  await sql('grant supabase_auth_admin to holdfast', 'supabase_admin')
  const { notices } = await check()
  await sql('revoke supabase_auth_admin from holdfast', 'supabase_admin')
  expect(notices.map(({ name }) => name)).toEqual(['audit-log-unindexed'])
  await sql('create index on auth.audit_log_entries (created_at)', 'supabase_admin')
  expect(names(await check())).toEqual([])
})

it('tells a direct connection from the two poolers', () => {
  expect(connectionKind('none')).toContain('direct')
  expect(connectionKind('session')).toContain('session pooler')
  expect(connectionKind('transaction')).toMatch(/^transaction pooler/)
})
