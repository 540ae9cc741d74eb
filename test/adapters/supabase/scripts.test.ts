import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { createAuthUsers } from '../../../dev/servers/supabase/users.ts'
import { runTool } from '../../../dev/servers/lib/tool.ts'
import { fileOf } from '../../deploy/files.ts'
import { openProject, openSupabase, type SupabaseDatabase } from '../../state/postgres/supabase/database.ts'

const found = await runTool({
  command: 'sh',
  args: ['-c', 'command -v psql || :'],
  label: 'looking for psql',
})
const title = found.trim() === '' ? ' (skipped: psql is not installed)' : ''

describe.skipIf(found.trim() === '')(`the scripts of the old runbook${title}`, () => {
  let project: SupabaseDatabase
  beforeAll(async () => {
    project = await openProject(await openSupabase(), { installed: false })
    await createAuthUsers(project.as('supabase_auth_admin')).signUpMany(25)
  })

  /** Runs one with SUPABASE_DB_URL alone, of the role `postgres`: no Temporal and no keys. */
  async function script(name: string, args: readonly string[] = [], input = ''): Promise<string> {
    const { stdout, stderr, exitCode } = await execa('sh', [`scripts/${name}.sh`, ...args], {
      cwd: fileOf('.'),
      env: {
        PATH: `${fileOf('node_modules/.bin')}:/usr/local/bin:/usr/bin:/bin`,
        SUPABASE_DB_URL: project.urlOf('postgres'),
      },
      extendEnv: false,
      input,
      reject: false,
    })
    return `${stdout}\n${stderr}\nexit ${exitCode}`
  }

  async function missing(): Promise<number> {
    const { rows } = await project
      .as('postgres')
      .query<{ count: number }>(
        'select count(*)::int as count from auth.users u where not exists (select from public.profiles p where p.id = u.id)',
      )
    return rows[0]?.count ?? -1
  }

  it('install, diagnose, preview, ask before they write, and verify', async () => {
    expect(await script('diagnose-auth-profile')).toMatch(/npm run supabase:push[^]*exit 2$/)
    expect(await script('push-sql-pack')).toMatch(/Version 1 is installed: 13 objects\.[^]*exit 0$/)
    expect(await script('diagnose-auth-profile')).toMatch(/All checks pass\.\s+exit 0$/)
    await project.as('postgres').query(`delete from public.profiles where email like 'user-2%'`)

    const diagnosis = await script('diagnose-auth-profile')
    expect(diagnosis).toMatch(/Users without Profiles +\| +7\b/)
    expect(diagnosis).toMatch(/7 users have no profile\.[^]*exit 1$/)
    const preview = '{"dry_run": true, "total_missing": 7, "message": "Would backfill 7 profiles"}'
    for (const args of [[], ['true']]) {
      const dryRun = await script('backfill-profiles', args)
      expect(dryRun).toContain(preview)
      expect(dryRun).toMatch(/Nothing was changed\.[^]*exit 0$/)
    }
    for (const no of ['', 'n\n']) {
      const refused = await script('backfill-profiles', ['false'], no)
      expect(refused).toMatch(/Nothing was changed\.[^]*Create 7 profiles\? \[y\/N\] \s*exit 1$/)
    }
    expect(await missing()).toBe(7)

    const run = await script('backfill-profiles', ['false'], 'y\n')
    expect(run).toContain('"processed": 7, "successful": 7, "failed": 0, "message": "Backfilled 7 profiles"}')
    expect(run).toMatch(/Auth users without profiles \| PASS[^]*exit 0$/)
    expect(await missing()).toBe(0)
    expect(await script('backfill-profiles', ['false'])).toMatch(/No profile is missing\.[^]*exit 0$/)
    expect(await script('backfill-profiles', ['maybe'])).toMatch(/Usage: [^]*exit 2$/)
  })

  it('say so where a profile is refused', async () => {
    await project.as('postgres').query(`delete from public.profiles where email = 'user-1@example.com';
      alter table public.profiles add constraint not_one check (email <> 'user-1@example.com')`)
    const run = await script('backfill-profiles', ['false'], 'yes\n')
    expect(run).toContain('"successful": 0, "failed": 1')
    expect(run).toMatch(/1 users have no profile\.[^]*exit 1$/)
  })
})
