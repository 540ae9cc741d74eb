import { createSupabaseAudit } from '../../activities/supabase/audit.ts'
import { usersSource } from '../../activities/supabase/catch-up.ts'
import { profileAlerts, PROFILE_ALERTS } from '../../activities/supabase/profile-alerts.ts'
import { createSupabaseSignupActivities, knownSince } from '../../activities/supabase/signup.ts'
import type { DeletionAnswers } from '../../activities/deletion/answers.ts'
import { connectSupabase, type SupabaseCalls } from '../../adapters/supabase/connect.ts'
import { loadSupabaseConfig, type SupabaseSections } from '../../config/supabase/sections.ts'
import { NO_TENANT } from '../../contracts/systems.ts'
import { connectSupabaseIntake } from '../../intake/supabase/connect.ts'
import { createProfileScan } from '../../state/postgres/supabase/audit-scan.ts'
import { profileRecords } from '../../state/postgres/supabase/records.ts'
import type { SystemWorker, WorkerPart } from '../../systems/worker-part.ts'
import { withBreaker } from '../breakers.ts'
import { connectCommonDeps, withCommonGuards } from '../common-deps.ts'
import type { WorkerConnections } from '../connections.ts'
import { withWriteGuard, type CallEffects } from '../write-guards.ts'

const EFFECTS: CallEffects<SupabaseCalls> = {
  ping: 'reads',
  user: 'reads',
  usersByEmail: 'reads',
  countUsers: 'reads',
  profile: 'reads',
  eventsOf: 'reads',
  createProfiles: 'creates',
  recordRefusal: 'writes',
  withoutProfile: 'reads',
  lackingAfter: 'reads',
  signupHealth: 'reads',
  countProfiles: 'reads',
  checkColumns: 'reads',
}

/** Users of Supabase Auth, their profiles, and the state, in one Postgres database. */
export const supabaseWorker: WorkerPart = {
  configure(env) {
    const { supabase } = loadSupabaseConfig(['supabase'], env)
    return { connect: (connections) => connect(supabase, connections) }
  },
}

function connect(settings: SupabaseSections['supabase'], connections: WorkerConnections): SystemWorker {
  const { config, opened, breaker, guard, hash, keyring, logger } = connections
  const { graceMs, profilesBy } = settings
  const { calls, database, close } = connectSupabase(settings)
  // The same database as the state's, so one circuit breaker is for both.
  const supabase = withWriteGuard(guard, withBreaker(breaker, calls), EFFECTS)
  const common = withCommonGuards(connectCommonDeps('supabase', connections, calls.countUsers), connections)
  const deps = { ...common, graceMs }
  const deletion: DeletionAnswers = {
    provider: {
      locate: (identity) => ({ tenant: NO_TENANT, identity, userId: identity }),
      createdAt: async ({ identity }) => knownSince(await supabase.user(identity))?.createdAt ?? null,
    },
    recordsCreatedAt: () => Promise.resolve(null),
    personalData: opened.state.personalData({ keyring, hash, records: profileRecords(supabase) }),
  }
  const { signups } = deps
  const { intake, cursors } = connectSupabaseIntake({ opened, signups, config, logger }, profilesBy, supabase)
  const { scanProfiles } = withBreaker(
    breaker,
    { scanProfiles: createProfileScan(database, settings) },
    { long: true },
  )
  return {
    activities: () => ({
      activities: { ...createSupabaseSignupActivities({ ...deps, ...deletion, supabase, profilesBy }) },
      queues: [],
      common: deps,
      audit: createSupabaseAudit({ ...deps, supabase, scanProfiles }),
      sources: {
        users: usersSource({
          ...deps,
          supabase,
          intake,
          cursors: { ...cursors, servedSince: deps.cursors.servedSince },
          hash,
        }),
      },
      deletion,
    }),
    health: () => ({
      dependencies: [], // the database is that of the state, which is checked for every system
      inspections: [
        {
          name: 'profiles',
          alerts: PROFILE_ALERTS,
          needs: ['postgres'],
          inspect: async () => profileAlerts(await calls.signupHealth(graceMs)),
        },
      ],
      mayBeResolved: async (findings) => {
        const missing = findings
          .filter(({ kind }) => kind === 'profile-missing')
          .map(({ identity }) => identity)
        return missing.length > 0 && (await calls.withoutProfile(missing)).length < missing.length
      },
    }),
    async close() {
      await intake.flush()
      await close()
    },
  }
}
