import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'pg'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { findPgBouncer, startPgBouncer } from '../../../dev/servers/postgres/pgbouncer.ts'
import type { SupabaseServer } from '../../../dev/servers/supabase/supabase.ts'
import { createAuthUsers } from '../../../dev/servers/supabase/users.ts'
import { atEnd } from '../../support/at-end.ts'
import { openProject, openSupabase, type SupabaseDatabase } from '../../state/postgres/supabase/database.ts'
import { command } from './sql-pack.ts'

let server: SupabaseServer
beforeAll(async () => {
  server = await openSupabase()
})

interface Removal {
  readonly removed: string[]
  readonly restored: string[]
  readonly left: string[]
}

/** Everything in `public`, and the triggers on auth.users, with owners and rights. */
async function snapshot(project: SupabaseDatabase): Promise<string[]> {
  const { rows } = await project.as('postgres').query<{ line: string }>(
    `select line from (
       select pg_get_functiondef(oid) || proowner::regrole || coalesce((select string_agg(a.grantee::text || a.privilege_type, ',' order by a.grantee)
         from aclexplode(coalesce(proacl, acldefault('f', proowner))) a), '') as line from pg_proc where pronamespace = 'public'::regnamespace
       union all
       select relname || pg_get_viewdef(oid) || relowner::regrole || coalesce(reloptions::text, '') || coalesce((select string_agg(a.grantee::text || a.privilege_type, ',' order by 1)
         from aclexplode(relacl) a), '') from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'
       union all
       select pg_get_triggerdef(oid) || tgenabled::text from pg_trigger where tgrelid = 'auth.users'::regclass and not tgisinternal) lines
     order by line`,
  )
  return rows.map(({ line }) => line)
}

async function installedParts(project: SupabaseDatabase): Promise<Record<string, number>> {
  const { rows } = await project
    .as('postgres')
    .query<{ part: string; count: number }>(
      'select part, count(*)::int as count from holdfast.installed where ours is not null group by part',
    )
  return Object.fromEntries(rows.map(({ part, count }) => [part, count]))
}

async function signsUp(project: SupabaseDatabase): Promise<boolean> {
  const id = await createAuthUsers(project.as('supabase_auth_admin')).signUp({
    email: `${Math.random()}@example.com`,
  })
  const { rowCount } = await project.as('postgres').query('select from public.profiles where id = $1', [id])
  return rowCount === 1
}

const ALL = { diagnostics: 7, backfill: 3, signup: 3 }
const run = (project: SupabaseDatabase, ...args: string[]): Promise<unknown> =>
  command(project, 'sql', 'supabase', ...args)

describe('S8: install and remove', () => {
  it('in each order leave every new user with a profile, and at the end exactly what was there', async () => {
    const project = await openProject(server)
    const before = await snapshot(project)
    const steps: (readonly [string[], Record<string, number>])[] = [
      [['install'], ALL],
      [['install'], ALL],
      [['remove', '--diagnostics'], { backfill: 3, signup: 3 }],
      [['remove', '--diagnostics'], { backfill: 3, signup: 3 }],
      [['install'], ALL],
      [['remove'], { signup: 3 }],
      [['remove', '--diagnostics'], { signup: 3 }],
      [['install'], ALL],
      [['remove'], { signup: 3 }],
    ]
    for (const [args, parts] of steps) {
      await run(project, ...args)
      expect(await installedParts(project), args.join(' ')).toEqual(parts)
      expect(await signsUp(project), args.join(' ')).toBe(true)
    }
    expect(((await run(project, 'remove', '--all')) as Removal).restored).toEqual([
      'public.handle_new_user()',
      'on_auth_user_created',
    ])
    expect(await snapshot(project)).toEqual(before)
    expect(await signsUp(project)).toBe(true)
    expect(await run(project, 'remove', '--all')).toMatchObject({ removed: [], restored: [], left: [] })
    const left = await project
      .as('postgres')
      .query(`select from pg_proc where pronamespace = 'holdfast'::regnamespace and proname like 'pack_%'`)
    expect(left.rowCount).toBe(0)
    const actions = (await command(project, 'actions', 'supabase')) as { actions: { name: string }[] }
    expect(actions.actions.filter(({ name }) => name.startsWith('sql'))[0]).toMatchObject({
      name: 'sql remove',
      kind: 'change',
      scope: 'everything',
      outcome: 'succeeded',
    })
  })

  it.each([
    ['a lost trigger with its function', 'postgres', 'drop function public.handle_new_user() cascade'],
    ['a lost trigger', 'supabase_auth_admin', 'drop trigger on_auth_user_created on auth.users'],
    [
      'a trigger of this name with another function',
      'postgres',
      `alter function public.handle_new_user() rename to create_profile`,
    ],
    [
      'a trigger of another name',
      'postgres',
      `alter function public.handle_new_user() rename to create_profile; drop function public.create_profile() cascade;
       create function public.create_profile() returns trigger language plpgsql security definer as 'begin return new; end';
       create trigger other after insert on auth.users for each row execute function public.create_profile()`,
    ],
    [
      'functions and views of the same names, with other columns and rights',
      'postgres',
      `create view public.signup_audit_summary with (security_invoker = true) as select id from public.profiles;
       create view public.auth_profile_mismatch as select s.id, 'healthy' as status from public.signup_audit_summary s;
       revoke all on public.auth_profile_mismatch from anon, authenticated;
       create function public.monitor_signup_health() returns integer language sql as 'select count(*)::integer from public.auth_profile_mismatch';
       revoke execute on function public.monitor_signup_health() from public, anon;
       create function public.ensure_profile_exists(a uuid, b text, c text) returns void language sql as 'select'`,
    ],
  ] as const)('restores %s', async (_, role, statement) => {
    const project = await openProject(server)
    await project.as(role).query(statement)
    const before = await snapshot(project)
    await run(project, 'install')
    await run(project, 'install')
    expect(await signsUp(project)).toBe(true)
    await run(project, 'remove')
    expect(await run(project, 'remove', '--all')).toMatchObject({ left: [] })
    expect(await snapshot(project)).toEqual(before)
  })

  it('leave what another author has changed since, and keep it when they install again', async () => {
    const project = await openProject(server)
    await run(project, 'install')
    const theirs = `create or replace function public.monitor_signup_health()
      returns table (health_percentage numeric, recent_signups_count bigint, signups_missing_profiles bigint)
      language sql as 'select 1, 2, 3'`
    await project.as('postgres').query(theirs)
    const changed = await snapshot(project)
    expect(((await run(project, 'remove', '--diagnostics')) as Removal).left).toEqual([
      'public.monitor_signup_health()',
    ])
    await run(project, 'install')
    await run(project, 'remove', '--all')
    const after = await snapshot(project)
    expect(after.filter((line) => line.includes('monitor_signup_health'))).toEqual(
      changed.filter((line) => line.includes('monitor_signup_health')),
    )
    expect(await signsUp(project)).toBe(true)
  })

  it('leave the trigger to the author who has changed its function since', async () => {
    const project = await openProject(server)
    await run(project, 'install')
    const theirs = `create or replace function public.handle_new_user() returns trigger language plpgsql security definer set search_path = ''
      as 'begin insert into public.profiles (id, email) values (new.id, new.email); return new; end'`
    await project.as('postgres').query(theirs)
    expect(((await run(project, 'remove', '--all')) as Removal).left).toEqual(['public.handle_new_user()'])
    expect(await signsUp(project)).toBe(true)
    expect((await snapshot(project)).join()).toContain(
      'insert into public.profiles (id, email) values (new.id',
    )
  })

  it('are refused where something would be destroyed, and change nothing', async () => {
    const project = await openProject(server)
    const postgres = project.as('postgres')
    await postgres.query(
      'create trigger second after insert on auth.users for each row execute function public.handle_new_user()',
    )
    const before = await snapshot(project)
    await expect(run(project, 'install')).rejects.toThrow(
      'Refused: another trigger calls public.handle_new_user(): give it a function of its own, or drop it. Nothing was changed.',
    )
    await project.as('supabase_auth_admin').query('drop trigger second on auth.users')
    await postgres.query('create table public.signup_audit_summary (id integer)')
    await expect(run(project, 'install')).rejects.toThrow('public.signup_audit_summary exists and is no view')
    await postgres.query('drop table public.signup_audit_summary')
    expect([...(await snapshot(project)), '']).toHaveLength(before.length)
    await expect(run(project, 'install', '--all')).rejects.toThrow('options of sql remove')
    await expect(run(project, 'remove', '--all', '--diagnostics')).rejects.toThrow('either')
    await expect(run(project, 'remove', 'folder')).rejects.toThrow('Only write-migrations')
    const fresh = await openProject(server, { installed: false })
    await expect(run(fresh, 'install')).rejects.toThrow('holdfast state apply supabase')
  })

  it('are refused in observe mode', async () => {
    const project = await openProject(server)
    vi.stubEnv('HOLDFAST_MODE', 'observe')
    await expect(run(project, 'install')).rejects.toThrow('HOLDFAST_MODE=observe')
  })
})

const program = await findPgBouncer()
describe.skipIf(program === null)('through PgBouncer in transaction mode', () => {
  it('the pack is installed, used and removed', async () => {
    const direct = await openProject(server)
    const pooler = await startPgBouncer({
      program: program ?? '',
      postgresUrl: direct.urlOf('postgres'),
      poolSize: 2,
      progress,
    })
    atEnd(() => pooler.stop())
    const pooled: SupabaseDatabase = {
      ...direct,
      urlOf: (role) => (role === 'postgres' ? pooler.through(direct.urlOf(role)) : direct.urlOf(role)),
    }
    const before = await snapshot(direct)
    await run(pooled, 'install')
    expect(await signsUp(direct)).toBe(true)
    const pool = new Pool({ connectionString: pooled.urlOf('postgres'), max: 4 })
    try {
      const statements = Array.from({ length: 12 }, (_, index) =>
        index % 2 === 0
          ? 'select count(*)::int from public.verify_profile_completeness()'
          : 'select 3 as count from public.monitor_signup_health()',
      )
      const answers = await Promise.all(
        statements.map((statement) => pool.query<{ count: number }>(statement)),
      )
      expect(answers.map(({ rows }) => rows[0]?.count)).toEqual(statements.map(() => 3))
    } finally {
      await pool.end()
    }
    await run(pooled, 'remove', '--all')
    expect(await snapshot(direct)).toEqual(before)
  })
})

describe('write-migrations', () => {
  it('writes two that do the same without any table of Holdfast, once for each version', async () => {
    const project = await openProject(server, { installed: false })
    const folder = await mkdtemp(join(tmpdir(), 'migrations-'))
    atEnd(() => rm(folder, { recursive: true, force: true }))
    await expect(run(project, 'write-migrations', join(folder, 'none'))).rejects.toThrow('There is no folder')
    await run(project, 'write-migrations', folder)
    const names = (await readdir(folder)).toSorted()
    expect(names.map((name) => name.replace(/^\d{14}/, '<time>'))).toEqual([
      '<time>_diagnose_auth_profile_consistency.sql',
      '<time>_backfill_missing_profiles.sql',
    ])
    expect(await run(project, 'write-migrations', folder)).toMatchObject({
      files: [{ written: false }, { written: false }],
    })
    const before = await snapshot(project)
    for (const name of names) await project.as('postgres').query(await readFile(join(folder, name), 'utf8'))
    expect(await installedParts(project)).toEqual(ALL)
    expect(await signsUp(project)).toBe(true)
    await command(project, 'state', 'apply', 'supabase')
    await run(project, 'remove', '--all')
    expect(await snapshot(project)).toEqual(before)
  })
})
