import { readable, type Settings } from '../fingerprints.ts'
import type { Env } from '../read.ts'
import { readSupabaseSections, type SupabaseSections } from './sections.ts'

/** The settings of `supabase` on which workers and commands have to agree; the database is named with the state. */
export function knownSupabaseSettings(env: Env): Settings {
  const { supabase } = readable<Pick<SupabaseSections, 'supabase'>>(['supabase'], (section) =>
    readSupabaseSections([section], env),
  )
  if (supabase === undefined) return {}
  const { profilesBy, graceMs, profiles, events, mapping } = supabase
  return {
    SUPABASE_PROFILES_BY: profilesBy,
    SUPABASE_GRACE_MINUTES: String(graceMs / 60_000),
    SUPABASE_PROFILES_TABLE: `${profiles.schema}.${profiles.table}`,
    SUPABASE_EVENTS_TABLE: events === null ? 'none' : `${events.schema}.${events.table}`,
    SUPABASE_PROFILE_COLUMNS: JSON.stringify(mapping.columns),
  }
}
