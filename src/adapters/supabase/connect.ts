import type { SupabaseSections } from '../../config/supabase/sections.ts'
import { connectPostgres, type PostgresDatabase } from '../postgres/lib/connect.ts'
import { checkPostgresHealth } from '../postgres/lib/health.ts'
import type { ApplicationTables } from './catalog.ts'
import { createProfiles, type Profiles } from './profiles.ts'
import { createUserReader, type UserReader } from './users.ts'

const CONNECTIONS = 4

/** The users of Supabase Auth and the application's profiles. Every method sends a query, and is safe to repeat. */
export interface SupabaseCalls extends UserReader, Profiles {
  ping(): Promise<void>
}

export interface Supabase {
  readonly calls: SupabaseCalls
  /** The connections themselves, for a statement over whole tables. */
  readonly database: PostgresDatabase<ApplicationTables>
  close(): Promise<void>
}

/** Connects on first use. */
export function connectSupabase(config: SupabaseSections['supabase']): Supabase {
  const database = connectPostgres<ApplicationTables>({ url: config.url, connections: CONNECTIONS })
  return {
    calls: {
      ...createUserReader(database.db),
      ...createProfiles(database.db, config),
      ping: () => checkPostgresHealth(database),
    },
    database,
    close: () => database.close(),
  }
}
