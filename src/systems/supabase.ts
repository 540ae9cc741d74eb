import { supabaseCommands } from '../cli/supabase/commands.ts'
import { inPostgres } from '../config/state.ts'
import { supabasePeople } from '../config/supabase/people.ts'
import { loadSupabaseConfig } from '../config/supabase/sections.ts'
import { knownSupabaseSettings } from '../config/supabase/settings.ts'
import { NO_TENANT } from '../contracts/systems.ts'
import type { ServedSystem } from './system.ts'

/** Supabase Auth (`auth.users`) → a profile in the application's own table. */
export const supabase: ServedSystem = {
  name: 'supabase',
  people: supabasePeople,
  state: inPostgres('supabase', { ownSql: true, applyVariable: 'SUPABASE_ADMIN_DB_URL' }),
  commands: supabaseCommands,
  settings: knownSupabaseSettings,
  catchUps: () => [{ tenant: NO_TENANT, note: 'Looks for new users without a profile' }],
  repairs: [],
  checks: async () => (await import('../checks/supabase/all.ts')).supabaseChecks,
  intake: async () => {
    const { connectCommandIntake } = await import('../intake/supabase/connect.ts')
    return (connections, env) =>
      connectCommandIntake(connections, loadSupabaseConfig(['supabase'], env).supabase)
  },
  onePerson: async () => (await import('../why/supabase/person.ts')).supabasePerson,
  worker: async () => (await import('../worker/supabase/part.ts')).supabaseWorker,
  server: async () => (await import('../http/supabase/part.ts')).supabaseServer,
}
