import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AuditScope } from '../../../../src/contracts/audit.ts'
import { judgeUser } from '../../../../src/domain/supabase/gaps.ts'
import { createProfileScan } from '../../../../src/state/postgres/supabase/audit-scan.ts'
import { eventually } from '../../../support/eventually.ts'
import { openUsers, type OpenedProject } from '../../../support/supabase/project.ts'
import { openProject, openSupabase, type SupabaseDatabase } from './database.ts'
import type { SupabaseServer } from '../../../../dev/servers/supabase/supabase.ts'

let server: SupabaseServer
beforeAll(async () => {
  server = await openSupabase()
})

const HOUR_AGO = new Date(Date.now() - 3_600_000)
const GRACE_MS = 60_000
const EVERYBODY: AuditScope = { tenant: null, last: null, since: null, id: null }

async function open(env: Readonly<Record<string, string>> = {}) {
  const project = await openProject(server)
  return { project, ...openUsers(project, env) }
}

async function scan(
  { project, supabase, settings }: OpenedProject & { project: SupabaseDatabase },
  scope: Partial<AuditScope> = {},
) {
  const auditId = randomUUID()
  const run = createProfileScan(supabase.database, settings)
  const counts = await run({
    auditId,
    scope: { ...EVERYBODY, ...scope },
    scheduled: false,
    graceMs: GRACE_MS,
  })
  const { rows } = await project
    .as('holdfast')
    .query<{ identity: string; kind: string; evidence: object }>(
      'select identity, kind, since, evidence, repair from holdfast.audit_findings where audit = $1',
      [auditId],
    )
  const { rows: people } = await project
    .as('holdfast')
    .query<{ person: object }>('select person from holdfast.audit_people where audit = $1', [auditId])
  return { counts, findings: rows, people: people.map(({ person }) => person) }
}

describe('an audit of users and profiles, in one statement', () => {
  it('passes where the trigger made every profile', async () => {
    const opened = await open()
    await opened.users.signUp({ email: 'Ada@example.com', createdAt: HOUR_AGO })
    const { counts, findings } = await scan(opened)
    expect(findings).toEqual([])
    expect(counts).toMatchObject({
      users: 1,
      profiles: 1,
      healthy: 1,
      authOnly: 0,
      auditOnly: 0,
      due: 1,
      have: 1,
    })
  })

  it('judges each kind of user as the rules for one do (S1, S3, S4, S5)', async () => {
    const opened = await open()
    const { users, supabase, project } = opened
    const at = { createdAt: HOUR_AGO }
    const differing = await users.signUp({ email: 'ada@example.com', ...at })
    await project.as('postgres').query(`update profiles set email = 'x@y.de' where id = $1`, [differing])
    const upperCase = await users.signUp({ email: 'eve@example.com', ...at })
    await project
      .as('postgres')
      .query(`update profiles set email = 'EVE@example.com' where id = $1`, [upperCase])
    await opened.loseTrigger()
    const ids = {
      ordinary: await users.signUp({ email: 'bob@example.com', ...at }),
      byAdmin: await users.createByAdmin({ email: 'admin-made@example.com', ...at }),
      sso: await users.signUpWithSso({ email: 'sso@example.com', ...at }),
      phone: await users.signUp({ phone: '15550100', ...at }),
      anonymous: await users.signUpAnonymously(at),
      banned: await users.signUp({ email: 'banned@example.com', ...at }),
      softDeleted: await users.signUp({ email: 'soft@example.com', ...at }),
      gone: await users.signUp({ email: 'gone@example.com', ...at }),
      young: await users.signUp({ email: 'young@example.com' }),
      orphan: randomUUID(),
      differing,
      upperCase,
    }
    await users.ban(ids.banned)
    await users.remove(ids.softDeleted, 'soft')
    await users.remove(ids.gone)
    await project
      .as('postgres')
      .query(`insert into profiles (id, email) values ($1, 'soft@example.com'), ($2, 'orphan@example.com')`, [
        ids.softDeleted,
        ids.orphan,
      ])
    const { counts, findings } = await scan(opened)

    const now = new Date()
    const expected = await Promise.all(
      Object.entries(ids).map(async ([name, id]) => {
        const [user, profile] = await Promise.all([supabase.calls.user(id), supabase.calls.profile(id)])
        return name === 'young' ? [] : judgeUser(id, user, profile, { comparesEmails: true, now })
      }),
    )
    const plain = (all: readonly { identity: string; kind: string; evidence: object }[]) =>
      all
        .map(({ identity, kind, evidence }) => ({ identity, kind, evidence }))
        .toSorted((a, b) => (a.identity < b.identity ? -1 : 1))
    expect(plain(findings)).toEqual(plain(expected.flat()))
    expect(findings).toHaveLength(8)
    expect(counts).toMatchObject({
      users: 10,
      profiles: 4,
      notDue: 2,
      usersWithoutProfile: 5,
      profilesWithoutUser: 2,
      emailMismatches: 1,
      auditSignups: 10,
      auditOnly: 1,
      auditDeleted: 1,
      young: 1,
      due: 7,
      have: 2,
    })
  })

  it('names an entry without a user and without a deletion, and changes no verdict where the log is empty', async () => {
    const opened = await open()
    const { users, project } = opened
    await users.signUp({ email: 'ada@example.com', createdAt: HOUR_AGO })
    const undone = await users.signUp({ email: 'undone@example.com', createdAt: HOUR_AGO })
    await project.as('supabase_auth_admin').query('delete from auth.users where id = $1', [undone])
    const { findings, counts } = await scan(opened)
    expect(findings.map(({ kind, identity }) => `${kind} ${identity}`).toSorted()).toEqual([
      `audit-only ${undone}`,
      `profile-unowned ${undone}`,
    ])
    expect(counts).toMatchObject({ auditSignups: 2, auditOnly: 1, auditDeleted: 0 })
    await project.as('supabase_auth_admin').query('truncate auth.audit_log_entries')
    const pruned = await scan(opened)
    expect(pruned.findings.map(({ kind }) => kind)).toEqual(['profile-unowned'])
    expect(pruned.counts).toMatchObject({ users: 1, auditSignups: 0 })
  })

  it('judges a user without a date, whom SQL made', async () => {
    const opened = await open()
    await opened.loseTrigger()
    const id = await opened.users.signUp({ email: 'undated@example.com', createdAt: HOUR_AGO })
    await opened.project
      .as('supabase_auth_admin')
      .query('update auth.users set created_at = null where id = $1', [id])
    const { counts, findings } = await scan(opened)
    expect(counts).toMatchObject({ users: 1, due: 1, have: 0, young: 0, usersWithoutProfile: 1 })
    expect(findings).toMatchObject([{ identity: id, kind: 'profile-missing', since: null }])
  })

  it('covers a person, the last few, or those since a time, with a row for each', async () => {
    const opened = await open()
    await opened.loseTrigger()
    const old = await opened.users.signUp({
      email: 'old@example.com',
      createdAt: new Date(Date.now() - 30 * 3_600_000),
    })
    const recent = await opened.users.signUp({ email: 'new@example.com', createdAt: HOUR_AGO })
    const since = new Date(Date.now() - 2 * 3_600_000).toISOString()
    for (const scope of [{ last: 1 }, { since }, { id: recent }]) {
      const { findings, people, counts } = await scan(opened, scope)
      expect(findings.map(({ identity }) => identity)).toEqual([recent])
      expect(people).toMatchObject([{ identity: recent, state: 'profile-missing', user: 'ordinary' }])
      expect(counts).toMatchObject({ users: 2, usersWithoutProfile: 2, recentSignups: 1, recentMissing: 1 })
    }
    expect((await scan(opened, { id: old })).findings).toMatchObject([{ identity: old }])
    const unknown = randomUUID()
    expect((await scan(opened, { id: unknown })).people).toMatchObject([
      { identity: unknown, state: 'unknown' },
    ])
  })

  it('sees one moment, whatever happens to users and profiles while it runs', async () => {
    const opened = await open()
    const { users, project } = opened
    const gone = await users.signUp({ email: 'gone@example.com', createdAt: HOUR_AGO })
    const lacking = await users.signUp({ email: 'lacking@example.com', createdAt: HOUR_AGO })
    const owner = project.as('postgres')
    await owner.query('delete from profiles where id = $1', [lacking])
    // The finding about this user waits for the lock, in the middle of the audit's statement.
    await owner.query(`
      create function public.wait_for_test() returns trigger language plpgsql as
        'begin perform pg_advisory_xact_lock_shared(7); return new; end';
      create trigger wait_for_test before insert on holdfast.audit_findings
        for each row execute function public.wait_for_test()`)
    const lock = await owner.connect()
    await lock.query('select pg_advisory_lock(7)')
    const scanning = scan(opened)
    await eventually('the audit waits', async () => {
      const { rowCount } = await owner.query(
        `select from pg_locks where locktype = 'advisory' and not granted`,
      )
      return (rowCount ?? 0) > 0
    })
    await users.signUpMany(50, { prefix: 'healthy', createdAt: HOUR_AGO })
    await users.remove(gone)
    await users.signUpMany(20, { prefix: 'new', createdAt: HOUR_AGO })
    await owner.query(`delete from profiles where email like 'new-%'`)
    await lock.query('select pg_advisory_unlock(7)')
    lock.release()

    const { counts, findings } = await scanning
    expect(counts).toMatchObject({ users: 2, profiles: 1, auditSignups: 2, healthy: 1, authOnly: 1 })
    expect(findings).toMatchObject([{ identity: lacking, kind: 'profile-missing' }])
    const next = await scan(opened)
    expect(next.counts).toMatchObject({ users: 71, profiles: 51, usersWithoutProfile: 21, auditDeleted: 1 })
    expect(next.findings).toHaveLength(22)
  })

  it('fails where a policy hides profiles, instead of missing all of them', async () => {
    const opened = await open()
    await opened.users.signUp({ email: 'ada@example.com', createdAt: HOUR_AGO })
    await opened.project.as('postgres').query('drop policy holdfast_reads on profiles')
    const denied = {
      problem: 'postgres-denied',
      detail: {
        table: 'public.profiles',
        grant: 'create policy holdfast_reads on public.profiles for select to holdfast using (true)',
      },
    }
    await expect(scan(opened)).rejects.toMatchObject(denied)
    await expect(opened.supabase.calls.withoutProfile([randomUUID()])).rejects.toMatchObject(denied)
  })
})

describe('the creation of profiles, one statement for a batch', () => {
  it('fills in what the user has, leaves the rest to the table, and writes one event each', async () => {
    const opened = await open()
    const { users, supabase } = opened
    await opened.loseTrigger()
    const metadata = { account_type: ' business ' }
    const byMail = await users.signUp({ email: 'Ada@Example.com', metadata })
    const late = await users.signUp({
      email: 'late@example.com',
      metadata: { account_type: '' },
      appMetadata: { account_type: 'business' },
    })
    const sso = await users.signUpWithSso({ email: 'Sso@example.com' })
    const phone = await users.signUp({ phone: '15550100' })
    const anonymous = await users.signUpAnonymously()
    const all = [byMail, late, sso, phone, anonymous, randomUUID()]
    const made = await supabase.calls.createProfiles(all, ['profile_backfilled'])
    expect(made.toSorted()).toEqual([byMail, late, sso, phone].toSorted())
    const rowOf = async (id: string) => (await supabase.calls.profile(id))?.row
    expect(await rowOf(byMail)).toMatchObject({ email: 'ada@example.com', account_type: 'business' })
    expect(await rowOf(late)).toMatchObject({ account_type: 'business' })
    expect(await rowOf(sso)).toMatchObject({ email: 'sso@example.com', account_type: 'personal' })
    expect(await rowOf(phone)).toMatchObject({ email: null, account_type: 'personal' })
    expect(await opened.eventTypes(sso)).toEqual(['profile_backfilled'])
    expect(await supabase.calls.createProfiles(all, ['profile_backfilled'])).toEqual([])
    expect(await opened.eventTypes(sso)).toEqual(['profile_backfilled'])
  })

  it('overwrites nothing that a person has set', async () => {
    const opened = await open()
    const id = await opened.users.signUp({ email: 'ada@example.com', metadata: { account_type: 'business' } })
    await opened.project
      .as('postgres')
      .query(`update profiles set account_type = 'personal', email = null where id = $1`, [id])
    expect(await opened.supabase.calls.createProfiles([id], ['profile_backfilled'])).toEqual([])
    expect((await opened.supabase.calls.profile(id))?.row).toMatchObject({
      account_type: 'personal',
      email: null,
    })
  })

  it('makes none of a batch with a refused one, whose refusal is recorded once for each reason (S9)', async () => {
    const opened = await open()
    const { users, supabase } = opened
    await opened.loseTrigger()
    const good = await users.signUp({ email: 'good@example.com' })
    const bad = await users.signUp({ email: 'bad@example.com', metadata: { account_type: 'alien' } })
    await expect(supabase.calls.createProfiles([good, bad], ['profile_backfilled'])).rejects.toMatchObject({
      problem: 'profile-refused',
      refusesRecord: true,
      detail: { code: '23514 check_violation', constraint: 'profiles_account_type_check' },
    })
    expect(await supabase.calls.profile(good)).toBeNull()
    for (const code of ['one', 'one', 'two']) await supabase.calls.recordRefusal(bad, { code })
    expect(await opened.eventTypes(bad)).toEqual(['profile_bootstrap_error', 'profile_bootstrap_error'])
  })

  it('names a required column that the mapping leaves out, and one that does not exist', async () => {
    const opened = await open({
      SUPABASE_PROFILE_COLUMNS: '{"id":"id","full_name":"user_metadata.full_name"}',
    })
    await opened.loseTrigger()
    const id = await opened.users.signUp({ email: 'ada@example.com' })
    await opened.project.as('postgres').query('alter table profiles alter column full_name set not null')
    await expect(opened.supabase.calls.createProfiles([id], ['profile_backfilled'])).rejects.toMatchObject({
      problem: 'profile-column-required',
      detail: { column: 'full_name' },
    })
    const other = openUsers(opened.project, { SUPABASE_PROFILE_COLUMNS: '{"id":"id","nickname":"email"}' })
    await expect(other.supabase.calls.checkColumns()).rejects.toMatchObject({
      problem: 'profile-column-unknown',
      detail: { table: 'public.profiles', column: 'nickname' },
    })
  })

  it('creates a refused profile as soon as a migration has corrected the table', async () => {
    const opened = await open({
      SUPABASE_PROFILE_COLUMNS: '{"id":"id","full_name":"user_metadata.full_name","plan":{"default":"free"}}',
    })
    await opened.loseTrigger()
    const { calls } = opened.supabase
    const id = await opened.users.signUp({ email: 'ada@example.com' })
    const create = () => calls.createProfiles([id], ['profile_backfilled'])
    const owner = opened.project.as('postgres')
    await expect(create()).rejects.toMatchObject({ problem: 'profile-column-unknown' })
    await owner.query('alter table profiles add column plan text, alter column full_name set not null')
    await expect(create()).rejects.toMatchObject({ problem: 'profile-column-required' })
    await owner.query(`alter table profiles alter column full_name set default 'N. N.'`)
    expect(await create()).toEqual([id])
    expect((await calls.profile(id))?.row).toMatchObject({ full_name: 'N. N.', plan: 'free' })
  })

  it('works without a table of events', async () => {
    const opened = await open({ SUPABASE_EVENTS_TABLE: 'none' })
    await opened.loseTrigger()
    const id = await opened.users.signUp({ email: 'ada@example.com' })
    expect(await opened.supabase.calls.createProfiles([id], ['profile_backfilled'])).toEqual([id])
    expect(await opened.supabase.calls.eventsOf(id)).toEqual([])
  })
})

describe('new users without a profile', () => {
  it('are found page by page after the grace period, and not again', async () => {
    const opened = await open()
    const { calls } = opened.supabase
    await opened.users.signUp({ email: 'healthy@example.com', createdAt: HOUR_AGO })
    await opened.loseTrigger()
    await opened.users.signUpMany(5, { createdAt: HOUR_AGO })
    await opened.users.signUp({ email: 'young@example.com' })
    const start = {
      createdAt: new Date(Date.now() - 7_200_000).toISOString(),
      id: '00000000-0000-0000-0000-000000000000',
    }
    const first = await calls.lackingAfter(start, GRACE_MS, 3)
    expect(first).toMatchObject({ caughtUp: false, users: [{}, {}, {}] })
    const second = await calls.lackingAfter(first.upTo, GRACE_MS, 3)
    expect(second).toMatchObject({ caughtUp: true, users: [{}, {}] })
    expect(await calls.lackingAfter(second.upTo, GRACE_MS, 3)).toMatchObject({ users: [], caughtUp: true })
    expect(await calls.signupHealth(GRACE_MS)).toMatchObject({ signups: 6, missing: 5 })
    expect(await calls.signupHealth(GRACE_MS, 0)).toMatchObject({ signups: 0, missing: 0 })
    expect(await calls.lackingAfter(second.upTo, 0, 3)).toMatchObject({ users: [{}] })
  })
})
