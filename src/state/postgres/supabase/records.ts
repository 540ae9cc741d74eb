import type { SupabaseCalls } from '../../../adapters/supabase/connect.ts'
import type { PersonRecords } from '../../ports/personal-data.ts'

/**
 * A user's profile and events, which an export shows. They are the application's own, and the role of Holdfast cannot
 * delete them: a deletion leaves them alone, and an audit reports a profile that was left as `profile-unowned`.
 */
export function profileRecords(supabase: Pick<SupabaseCalls, 'profile' | 'eventsOf'>): PersonRecords {
  return {
    erase: () => Promise.resolve({}),
    count: () => Promise.resolve({}),
    async read({ identity }) {
      const [profile, events] = await Promise.all([supabase.profile(identity), supabase.eventsOf(identity)])
      return { profiles: profile === null ? [] : [profile.row], user_events: events }
    },
    namedPeople: () => Promise.resolve({ people: [], next: null }),
    hasRecords: async (identity) => (await supabase.profile(identity)) !== null,
    mentionsOf: () => Promise.resolve([]),
  }
}
