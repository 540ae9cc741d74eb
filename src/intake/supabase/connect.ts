import { connectSupabase, type SupabaseCalls } from '../../adapters/supabase/connect.ts'
import type { ProfilesBy, SupabaseSections } from '../../config/supabase/sections.ts'
import { connectIntake, type IntakeConnections, type IntakeParts } from '../connect.ts'
import { supabaseEventReader } from './events.ts'

export function connectSupabaseIntake(
  connections: IntakeConnections,
  profilesBy: ProfilesBy,
  supabase: Pick<SupabaseCalls, 'withoutProfile'>,
): IntakeParts {
  return connectIntake(connections, () => ({
    readEvent: supabaseEventReader(profilesBy),
    incomplete: async (identities) => new Set(await supabase.withoutProfile(identities)),
    rescanFrom: () => Promise.resolve(), // every event names its user
  }))
}

/** The same for a command: it connects when a query needs it, so that nothing keeps the command from exiting. */
export function connectCommandIntake(
  connections: IntakeConnections,
  settings: SupabaseSections['supabase'],
): IntakeParts {
  return connectSupabaseIntake(connections, settings.profilesBy, {
    async withoutProfile(ids) {
      const { calls, close } = connectSupabase(settings)
      try {
        return await calls.withoutProfile(ids)
      } finally {
        await close()
      }
    },
  })
}
