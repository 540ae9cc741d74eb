import { vi } from 'vitest'
import { connectPostgres } from '../../../src/adapters/postgres/lib/connect.ts'
import { installPack, type PackObject } from '../../../src/adapters/supabase/sql-pack.ts'
import { createProgram } from '../../../src/cli/program.ts'
import type { StateTables } from '../../../src/state/postgres/tables.ts'
import type { OpenedProject } from '../../support/supabase/project.ts'
import { answerTo, type SupabaseDatabase } from '../../state/postgres/supabase/database.ts'

/** Each object of the pack with arguments that suit it. */
export const FUNCTIONS = {
  diagnose_auth_profile_consistency: '',
  get_auth_profile_mismatches: 'limit_count => 20',
  check_recent_signup_issues: '',
  get_user_signup_events: 'user_id => gen_random_uuid()',
  monitor_signup_health: '',
  backfill_user_profile: 'user_id => gen_random_uuid()',
  backfill_all_missing_profiles: 'batch_size => 10, dry_run => true',
  verify_profile_completeness: '',
  ensure_profile_exists: 'user_id => gen_random_uuid()',
} as const
export const VIEWS = ['signup_audit_summary', 'auth_profile_mismatch'] as const

export async function installIn(
  project: SupabaseDatabase,
  { settings }: OpenedProject,
): Promise<PackObject[]> {
  const { db, close } = connectPostgres<StateTables>({ url: project.urlOf('postgres') })
  try {
    return await installPack(db, settings)
  } finally {
    await close()
  }
}

/** Runs a command in this process, on that project; returns its document. */
export async function command(project: SupabaseDatabase, ...args: string[]): Promise<unknown> {
  vi.stubEnv('SUPABASE_ADMIN_DB_URL', project.urlOf('postgres'))
  vi.stubEnv('SUPABASE_DB_URL', project.urlOf('holdfast'))
  let stdout = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    stdout += String(chunk)
    return true
  })
  try {
    await createProgram().run([...args, '--json', '--use-env'])
    return JSON.parse(stdout)
  } finally {
    write.mockRestore()
    vi.unstubAllEnvs()
    process.exitCode = undefined
  }
}

/** `done`, or the message with which the database refuses a statement to a role; undone. */
export function requestAs(project: SupabaseDatabase, role: string, statement: string): Promise<string> {
  const claims = { role, sub: '00000000-0000-0000-0000-000000000001' }
  return answerTo(project.as('authenticator'), statement, { role, claims })
}
