import { beforeAll, describe, expect, it } from 'vitest'
import type { SupabaseServer } from '../../../dev/servers/supabase/supabase.ts'
import { createProfileScan } from '../../../src/state/postgres/supabase/audit-scan.ts'
import { openUsers, type OpenedProject } from '../../support/supabase/project.ts'
import { openProject, openSupabase, type SupabaseDatabase } from '../../state/postgres/supabase/database.ts'
import { requestAs, FUNCTIONS, installIn, VIEWS } from './sql-pack.ts'

const HOUR_AGO = new Date(Date.now() - 3_600_000)

let server: SupabaseServer
beforeAll(async () => {
  server = await openSupabase()
})

interface Installed extends OpenedProject {
  readonly project: SupabaseDatabase
  /** The rows that the statement returns to `postgres`, as in the SQL editor. */
  sql(statement: string, ...values: unknown[]): Promise<Record<string, unknown>[]>
}

async function installed(env?: Record<string, string>): Promise<Installed> {
  const project = await openProject(server)
  const opened = openUsers(project, env)
  await installIn(project, opened)
  return {
    ...opened,
    project,
    sql: async (statement, ...values) => (await project.as('postgres').query(statement, values)).rows,
  }
}

/** Users without a profile, as a swallowed error leaves them. */
async function plant({ users, sql }: Installed, count: number): Promise<void> {
  await users.signUpMany(count, { createdAt: HOUR_AGO })
  await sql(`delete from public.profiles`)
  await sql(`delete from public.user_events`)
}

describe('the columns', () => {
  it('of each view and function are those of the guide, in the order of the guide', async () => {
    const { project, users } = await installed()
    await users.signUp({ email: 'ada@example.com' })
    const columns: Record<string, string> = {}
    for (const [name, args] of [
      ...VIEWS.map((view) => [view, null] as const),
      ...Object.entries(FUNCTIONS),
    ]) {
      const { fields } = await project
        .as('postgres')
        .query(`select * from public.${name}${args === null ? '' : `(${args})`}`)
      columns[name] = fields.map((field) => field.name).join(', ')
    }
    expect(columns).toEqual({
      signup_audit_summary: 'user_id, email, signed_up_at, last_signed_up_at, entries, by_admin',
      auth_profile_mismatch: 'user_id, audit_email, auth_email, status',
      diagnose_auth_profile_consistency: 'metric, count',
      get_auth_profile_mismatches: 'user_id, audit_email, auth_email, status',
      check_recent_signup_issues: 'user_id, email, signed_up_at, issue, last_error',
      get_user_signup_events: 'occurred_at, source, event, details',
      monitor_signup_health: 'health_percentage, recent_signups_count, signups_missing_profiles',
      backfill_user_profile: 'backfill_user_profile',
      backfill_all_missing_profiles: 'backfill_all_missing_profiles',
      verify_profile_completeness: 'check_name, status, count, details',
      ensure_profile_exists: 'ensure_profile_exists',
    })
  })
})

describe('rights', () => {
  it('nothing can be read or run by anon or authenticated, and functions alone by service_role', async () => {
    const { project } = await installed()
    for (const role of ['anon', 'authenticated', 'service_role']) {
      for (const [name, args] of Object.entries(FUNCTIONS))
        expect(await requestAs(project, role, `select * from public.${name}(${args})`), name).toBe(
          role === 'service_role' ? 'done' : `permission denied for function ${name}`,
        )
      for (const view of VIEWS)
        expect(await requestAs(project, role, `select * from public.${view}`), view).toBe(
          `permission denied for view ${view}`,
        )
      for (const call of ["pack_remove('{signup}')", "pack_describe('view', 'x')", "pack_finish('x', 1)"])
        expect(await requestAs(project, role, `select holdfast.${call}`)).toMatch(/permission denied/)
    }
  })

  it('the statements that a removal runs can be changed by no other role, whatever it is granted', async () => {
    const { project, sql } = await installed()
    await sql('grant all on holdfast.installed to holdfast')
    const changed = await project.as('holdfast').query(`update holdfast.installed set before = 'select 1'`)
    expect(changed.rowCount).toBe(0)
    await expect(
      project
        .as('holdfast')
        .query(
          `insert into holdfast.installed (name, kind, part, position, version) values ('x', 'view', 'signup', 1, 1)`,
        ),
    ).rejects.toThrow('row-level security')
  })

  it('every function is a definer function without a search path', async () => {
    const { sql } = await installed()
    const rows = await sql(
      `select p.proname from pg_proc p join holdfast.installed i on to_regprocedure(i.name) = p.oid
        where i.kind = 'function' and not (p.prosecdef and p.proconfig = array['search_path=""'])`,
    )
    expect(rows).toEqual([])
  })
})

describe('a project where all is well', () => {
  it('is healthy in every answer', async () => {
    const { users, sql } = await installed()
    await users.signUp({ email: 'ada@example.com', metadata: { account_type: 'business' } })
    await users.signUpAnonymously()
    expect(await sql('select * from public.diagnose_auth_profile_consistency()')).toEqual([
      { metric: 'Total Signup Audit Entries', count: '1' },
      { metric: 'Healthy (Auth + Profile)', count: '1' },
      { metric: 'Auth Only (Missing Profile)', count: '0' },
      { metric: 'Total auth.users', count: '2' },
      { metric: 'Total public.profiles', count: '1' },
      { metric: 'Users without Profiles', count: '0' },
    ])
    expect(await sql('select * from public.get_auth_profile_mismatches(20)')).toEqual([])
    expect(await sql('select * from public.check_recent_signup_issues()')).toEqual([])
    expect(await sql('select * from public.monitor_signup_health()')).toEqual([
      { health_percentage: '100', recent_signups_count: '1', signups_missing_profiles: '0' },
    ])
    expect(await sql('select * from public.verify_profile_completeness()')).toEqual([
      {
        check_name: 'Auth users without profiles',
        status: 'PASS',
        count: '0',
        details: '0 users missing profiles',
      },
      {
        check_name: 'Profiles without auth users',
        status: 'PASS',
        count: '0',
        details: '0 profiles orphaned',
      },
      { check_name: 'Email consistency', status: 'PASS', count: '0', details: '0 mismatched emails' },
    ])
    expect(await sql('select account_type from public.profiles')).toEqual([{ account_type: 'business' }])
  })
})

describe('problem users', () => {
  it('S3, S5: each has its state, and only those who are not healthy are listed', async () => {
    const opened = await installed()
    const { users, sql } = opened
    const healthy = await users.signUp({ email: 'healthy@example.com' })
    const gone = await users.createByAdmin({ email: 'gone@example.com' })
    await users.remove(gone)
    const lost = await users.createByAdmin({ email: 'Lost@example.com' })
    await sql('delete from public.profiles where id <> $1', healthy)
    const lines = await sql('select * from public.get_auth_profile_mismatches(limit_count => 20)')
    expect(lines).toEqual([
      { user_id: lost, audit_email: 'lost@example.com', auth_email: 'lost@example.com', status: 'auth_only' },
      { user_id: gone, audit_email: 'gone@example.com', auth_email: null, status: 'audit_only' },
    ])
    const view = await sql('select status from public.auth_profile_mismatch order by 1')
    expect(view.map(({ status }) => status)).toEqual(['audit_only', 'auth_only', 'healthy'])
    expect(await sql('select user_id, email, issue from public.check_recent_signup_issues()')).toEqual([
      { user_id: lost, email: 'lost@example.com', issue: 'missing_profile' },
    ])
    await sql(`delete from auth.audit_log_entries where payload ->> 'action' = 'user_deleted'`)
    const issues = await sql('select user_id, issue from public.check_recent_signup_issues() order by issue')
    expect(issues).toEqual([
      { user_id: lost, issue: 'missing_profile' },
      { user_id: gone, issue: 'missing_user' },
    ])
    const events = await sql('select source, event from public.get_user_signup_events($1)', healthy)
    expect(events.map(({ source, event }) => `${String(source)} ${String(event)}`).toSorted()).toEqual([
      'audit_log login',
      'audit_log user_signedup',
      'user_events auth_user_created',
      'user_events profile_bootstrap_ok',
    ])
  })
})

describe('a signup', () => {
  it('S1: succeeds where its profile or its events are refused, and says so in the events', async () => {
    const { users, sql, eventTypes } = await installed()
    await sql(`alter table public.profiles add constraint no_ada check (email <> 'ada@example.com')`)
    const ada = await users.signUp({ email: 'ada@example.com' })
    expect((await eventTypes(ada)).toSorted()).toEqual(['auth_user_created', 'profile_bootstrap_error'])
    expect(
      await sql(`select details from public.user_events where event_type = 'profile_bootstrap_error'`),
    ).toEqual([{ details: { source: 'holdfast', sqlstate: '23514', constraint: 'no_ada' } }])
    expect(await sql('select last_error from public.check_recent_signup_issues()')).toEqual([
      { last_error: '23514' },
    ])
    await sql('alter table public.user_events add constraint none check (false) not valid')
    const bob = await users.signUp({ email: 'bob@example.com' })
    expect(await sql('select id from public.profiles')).toEqual([{ id: bob }])
    await users.signUp({ email: 'ada2@example.com' })
  })

  it('S3: by single sign-on and by phone gets a profile, an anonymous one gets none', async () => {
    const { users, sql } = await installed()
    const sso = await users.signUpWithSso({ email: 'sso@example.com' })
    const phone = await users.signUp({ phone: '4912345' })
    await users.signUpAnonymously()
    expect(await sql('select id, email from public.profiles order by id')).toEqual(
      [
        { id: sso, email: null },
        { id: phone, email: null },
      ].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    )
  })

  it('needs no table of events, and fits other tables and columns', async () => {
    const project = await openProject(server)
    const postgres = project.as('postgres')
    await postgres.query(`create type public.plan as enum ('free', 'paid');
      create table public.members (user_id text primary key, mail text, plan public.plan not null default 'free');
      grant select on public.members to holdfast`)
    const opened = openUsers(project, {
      SUPABASE_PROFILES_TABLE: 'public.members',
      SUPABASE_EVENTS_TABLE: 'none',
      SUPABASE_PROFILE_COLUMNS: '{"user_id":"id","mail":"email","plan":"app_metadata.plan"}',
    })
    await installIn(project, opened)
    const id = await opened.users.signUp({ email: 'ada@example.com' })
    const { rows } = await postgres.query('select * from public.members')
    expect(rows).toEqual([{ user_id: id, mail: 'ada@example.com', plan: 'free' }])
    await postgres.query('delete from public.members')
    const answer = await postgres.query(
      `select public.backfill_user_profile($1, account_type => 'paid') as answer`,
      [id],
    )
    expect(answer.rows[0]).toMatchObject({
      answer: { success: false, message: 'The profiles have no column for the account type' },
    })
    const all = await postgres.query(
      'select public.backfill_all_missing_profiles(dry_run => false) as answer',
    )
    expect(all.rows[0]).toMatchObject({ answer: { processed: 1, successful: 1, failed: 0 } })
  })
})

describe('a backfill', () => {
  it('of one person takes what is given, changes no profile, and names what it refuses', async () => {
    const opened = await installed()
    const { users, sql, eventTypes } = opened
    const id = await users.signUp({ email: 'ada@example.com' })
    await sql('delete from public.profiles')
    await sql('delete from public.user_events')
    const run = async (args: string): Promise<unknown> =>
      (await sql(`select public.backfill_user_profile($1${args}) as answer`, id))[0]?.['answer']
    expect(await run(", account_type => 'robot'")).toEqual({
      user_id: id,
      success: false,
      created: false,
      message: 'The profile was refused',
    })
    await run(", account_type => 'robot'")
    expect(await run(", 'Other@example.com', 'business'")).toMatchObject({ success: true, created: true })
    expect(await run('')).toMatchObject({
      success: true,
      created: false,
      message: 'The user has a profile already',
    })
    expect(await sql('select email, account_type from public.profiles')).toEqual([
      { email: 'other@example.com', account_type: 'business' },
    ])
    expect((await eventTypes(id)).toSorted()).toEqual(['profile_backfilled', 'profile_bootstrap_error'])
    expect(await sql('select status, count from public.verify_profile_completeness()')).toContainEqual({
      status: 'FAIL',
      count: '1',
    })
    expect(await sql('select public.backfill_user_profile(gen_random_uuid()) as answer')).toMatchObject([
      { answer: { success: false, message: 'No such user' } },
    ])
  })

  it('S9: of all repairs the others where one row is refused', async () => {
    const opened = await installed()
    await plant(opened, 25)
    const { sql } = opened
    await sql(`alter table public.profiles add constraint no_seven check (email <> 'user-7@example.com')`)
    const [answer] = await sql('select public.backfill_all_missing_profiles(10, false) as answer')
    expect(answer).toEqual({
      answer: {
        dry_run: false,
        processed: 25,
        successful: 24,
        failed: 1,
        message: 'Backfilled 24 of 25 profiles, 1 failed',
      },
    })
    expect(
      await sql('select event_type, count(*)::int from public.user_events group by 1 order by 1'),
    ).toEqual([
      { event_type: 'profile_backfilled', count: 24 },
      { event_type: 'profile_bootstrap_error', count: 1 },
    ])
  })

  it('S4, S5: counts and repairs the same 2,000 people as an audit and a backfill of Holdfast', async () => {
    const opened = await installed()
    await plant(opened, 2_000)
    const { users, sql, supabase, settings } = opened
    await users.signUpAnonymously({ createdAt: HOUR_AGO })
    const removed = await users.createByAdmin({ email: 'gone@example.com', createdAt: HOUR_AGO })
    await users.remove(removed)
    await sql(
      `insert into public.profiles (id, email) select id, 'other@example.com' from auth.users where email = 'user-1@example.com'`,
    )
    const scope = { tenant: null, id: null, last: null, since: null }
    const audit = () =>
      createProfileScan(
        supabase.database,
        settings,
      )({ auditId: 'a', scope, scheduled: false, graceMs: 60_000 })
    const asAudit = async (): Promise<unknown> => {
      const counts = (await sql('select * from public.diagnose_auth_profile_consistency()')).map(
        ({ count }) => Number(count),
      )
      const checks = (await sql('select * from public.verify_profile_completeness()')).map(({ count }) =>
        Number(count),
      )
      const [health] = await sql('select * from public.monitor_signup_health()')
      return {
        auditSignups: counts[0],
        healthy: counts[1],
        authOnly: counts[2],
        users: counts[3],
        profiles: counts[4],
        usersWithoutProfile: counts[5],
        profilesWithoutUser: checks[1],
        emailMismatches: checks[2],
        recentSignups: Number(health?.['recent_signups_count']),
        recentMissing: Number(health?.['signups_missing_profiles']),
      }
    }
    const before = await asAudit()
    expect(before).toMatchObject({ usersWithoutProfile: 1_999, emailMismatches: 1, recentSignups: 2_000 })
    expect(await audit()).toMatchObject(before as object)

    // Half of them by the workflow's own statement, which leaves the same rows as the function does with the rest.
    const ids = (await sql(`select id from auth.users where email like 'user-%' order by id limit 1000`)).map(
      ({ id }) => String(id),
    )
    const made = await supabase.calls.createProfiles(ids, ['profile_backfilled'])
    const [answer] = await sql('select public.backfill_all_missing_profiles(100, false) as answer')
    const rest = 1_999 - made.length
    expect(answer).toMatchObject({ answer: { processed: rest, successful: rest, failed: 0 } })
    const shape = `select count(*)::int from public.profiles p join auth.users u using (id) join public.user_events e on e.user_id = u.id
      where p.email = u.email and p.account_type = 'personal' and e.event_type = 'profile_backfilled' and e.details = '{"source": "holdfast"}'`
    expect(await sql(shape)).toEqual([{ count: 1_999 }])
    expect(await audit()).toMatchObject((await asAudit()) as object)
  })
})
