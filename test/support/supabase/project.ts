import { connectSupabase, type Supabase } from '../../../src/adapters/supabase/connect.ts'
import { readSupabaseSections, type SupabaseSections } from '../../../src/config/supabase/sections.ts'
import { createAuthUsers, type AuthUsers } from '../../../dev/servers/supabase/users.ts'
import type { SupabaseDatabase } from '../../state/postgres/supabase/database.ts'
import { atEnd } from '../at-end.ts'

/** A project in which Holdfast is installed, as its own role sees it. */
export interface OpenedProject {
  readonly settings: SupabaseSections['supabase']
  readonly supabase: Supabase
  readonly users: AuthUsers
  /** Takes the trigger on `auth.users` away, as a migration that replaces its function does. */
  loseTrigger(): Promise<void>
  eventTypes(id: string): Promise<string[]>
}

/** Opens one with these variables beside its address; its connections end with the file. */
export function openUsers(
  project: SupabaseDatabase,
  env: Readonly<Record<string, string>> = {},
): OpenedProject {
  const { supabase: settings } = readSupabaseSections(['supabase'], {
    SUPABASE_DB_URL: project.urlOf('holdfast'),
    ...env,
  })
  const supabase = connectSupabase(settings)
  atEnd(() => supabase.close())
  return {
    settings,
    supabase,
    users: createAuthUsers(project.as('supabase_auth_admin')),
    async loseTrigger() {
      await project.as('postgres').query('drop function public.handle_new_user() cascade')
    },
    async eventTypes(id) {
      const events = await supabase.calls.eventsOf(id)
      return events.map((event) => String(event['event_type']))
    },
  }
}
