import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import type { SupabaseServer } from '../../../dev/servers/supabase/supabase.ts'
import { createAuthUsers } from '../../../dev/servers/supabase/users.ts'
import { connectPostgres } from '../../../src/adapters/postgres/lib/connect.ts'
import { inspectTriggers, type TriggerReport } from '../../../src/adapters/supabase/trigger-inspector.ts'
import { restoreStatement } from '../../../src/domain/supabase/triggers.ts'
import { createTriggerInspections } from '../../../src/state/postgres/supabase/trigger-inspections.ts'
import type { StateTables } from '../../../src/state/postgres/tables.ts'
import { atEnd } from '../../support/at-end.ts'
import { openProject, openSupabase, type SupabaseDatabase } from '../../state/postgres/supabase/database.ts'

let server: SupabaseServer
let project: SupabaseDatabase
let inspect: (migrations?: string) => Promise<TriggerReport>

beforeAll(async () => {
  server = await openSupabase()
})
beforeEach(async () => {
  project = await openProject(server)
  const database = connectPostgres<StateTables>({ url: project.urlOf('holdfast') })
  atEnd(() => database.close())
  const inspections = createTriggerInspections(database.db)
  inspect = (migrations) => inspectTriggers({ db: database.db, inspections, migrations: migrations ?? null })
})

async function sql(statement: string, role: 'postgres' | 'supabase_admin' = 'postgres'): Promise<unknown[]> {
  return (await project.as(role).query({ text: statement, rowMode: 'array' })).rows
}

/** Everything about the trigger and its functions that a user's signup depends on. */
function text(): Promise<unknown[]> {
  return sql(`select pg_get_triggerdef(oid), tgenabled::text from pg_trigger where tgrelid = 'auth.users'::regclass and not tgisinternal
    union all select pg_get_functiondef(oid), proowner::regrole::text from pg_proc where pronamespace = 'public'::regnamespace order by 1`)
}

it('S7: a lost trigger is named, with its migration, and restored exactly by the statement', async () => {
  const { triggers, losses } = await inspect()
  expect(triggers).toMatchObject([
    {
      name: 'on_auth_user_created',
      calls: 'public.handle_new_user',
      events: ['INSERT'],
      enabled: true,
      functionOwner: 'postgres',
    },
  ])
  expect(triggers[0]?.helpers).toHaveLength(1)
  expect(losses).toEqual([])
  const before = await text()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-migrations-'))
  atEnd(() => rm(folder, { recursive: true }))
  const lost = 'drop function public.handle_new_user() cascade; drop function public.ensure_profile_exists;'
  await writeFile(join(folder, '20261101_squash.sql'), lost)
  // As the hosted platform lets `postgres` drop a trigger of a table that it does not own.
  await sql(lost, 'supabase_admin')
  const report = await inspect(folder)
  expect(report.triggers).toEqual([])
  const [loss] = report.losses
  expect(loss).toMatchObject({
    kind: 'missing',
    trigger: { calls: 'public.handle_new_user' },
    migration: { kind: 'removed', file: '20261101_squash.sql' },
  })
  expect(Date.parse(loss?.between?.from ?? '')).toBeLessThanOrEqual(Date.parse(loss?.between?.to ?? ''))
  // Later inspections report the same two.
  expect((await inspect()).losses[0]?.between).toEqual(loss?.between)
  const { trigger } = loss ?? {}
  if (trigger === undefined || trigger === null) throw new Error('the trigger is not named')
  await sql(restoreStatement(trigger))
  expect(await text()).toEqual(before)
  expect((await inspect()).losses).toEqual([])
  await createAuthUsers(project.as('supabase_auth_admin')).signUp({ email: 'back@example.com' })
  expect(await sql('select email from public.profiles')).toEqual([['back@example.com']])
})

it('a disabled trigger is enabled again by the same statement, which postgres may run', async () => {
  await inspect()
  await sql('alter table auth.users disable trigger on_auth_user_created', 'supabase_admin')
  const [loss] = (await inspect()).losses
  expect(loss).toMatchObject({ kind: 'disabled', trigger: { enabled: true } })
  if (loss?.trigger) await sql(restoreStatement(loss.trigger))
  expect((await inspect()).losses).toEqual([])
  expect(await sql(`select tgenabled from pg_trigger where tgname = 'on_auth_user_created'`)).toEqual([['O']])
})

it('a changed function is reported with the text of before; a database webhook is no such trigger', async () => {
  await inspect()
  await sql(`create schema supabase_functions; create function supabase_functions.http_request() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger hook after insert on auth.users for each row execute function supabase_functions.http_request();
    create or replace function public.handle_new_user() returns trigger language plpgsql as $$ begin return new; end $$`)
  const { triggers, losses, changes } = await inspect()
  expect(triggers).toHaveLength(1)
  expect(losses).toEqual([])
  expect(changes).toMatchObject([
    { before: { functionText: expect.stringContaining('ensure_profile_exists') as string }, migration: null },
  ])
})

it('inspections that find the same are one row, also two at once; a hundred changes are kept', async () => {
  await Promise.all([inspect(), inspect(), inspect()])
  expect(
    await sql('select count(*)::integer, max(last_at) >= max(first_at) from holdfast.trigger_inspections'),
  ).toEqual([[1, true]])
  await sql(`insert into holdfast.trigger_inspections (system, fingerprint, triggers, first_at, last_at)
    select 'supabase', n::text, '[]', now(), now() from generate_series(1, 120) as n`)
  await inspect()
  expect(await sql('select count(*)::integer from holdfast.trigger_inspections')).toEqual([[100]])
})
