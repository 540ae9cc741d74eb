import { connectSupabase } from '../../adapters/supabase/connect.ts'
import { loadSupabaseConfig } from '../../config/supabase/sections.ts'
import { checkFinding } from '../../domain/check-findings.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { SystemChecks } from '../system-checks.ts'
import { supabaseDatabaseChecks } from './database.ts'

/** An id that no user has: the queries that a signup makes are tried with it. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** Whether the views of Supabase Auth, the profiles and their events can be read as they are configured, and are safe. */
export const supabaseChecks: SystemChecks = {
  readEnvironment(env) {
    const { supabase } = loadSupabaseConfig(
      ['supabase', 'supabaseWebhook', 'supabaseAdmin', 'supabaseMigrations'],
      env,
    )
    return [`profiles are created by: ${supabase.profilesBy}`]
  },
  checks: (context) => [
    {
      name: 'profiles',
      async run() {
        const { env, system } = context
        const { calls, close } = connectSupabase(loadSupabaseConfig(['supabase'], env).supabase)
        try {
          await calls.withoutProfile([NOBODY])
          await calls.eventsOf(NOBODY)
          await calls.checkColumns()
          return {}
        } catch (error) {
          if (!(error instanceof OutsideError)) throw error
          const name = PROBLEMS.find((known) => known === error.problem)
          if (name === undefined) throw error
          return { findings: [checkFinding(system, name, error.detail)] }
        } finally {
          await close()
        }
      },
    },
    ...supabaseDatabaseChecks(context),
  ],
  counts: ({ env }) => [
    {
      of: 'users and profiles',
      names: ['users', 'profiles'],
      async count() {
        const { calls, close } = connectSupabase(loadSupabaseConfig(['supabase'], env).supabase)
        try {
          const [users, profiles] = await Promise.all([calls.countUsers(), calls.countProfiles()])
          return { users, profiles }
        } finally {
          await close()
        }
      },
    },
  ],
}

const PROBLEMS = [
  'postgres-unreachable',
  'postgres-denied',
  'postgres-refused',
  'profile-column-unknown',
] as const
