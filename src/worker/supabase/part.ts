import { createSupabaseAudit } from '../../activities/supabase/audit.ts'
import { usersSource } from '../../activities/supabase/catch-up.ts'
import { createProfileInspection } from '../../activities/supabase/profile-inspection.ts'
import { PROFILE_ALERTS } from '../../domain/supabase/profile-alerts.ts'
import { createSupabaseSignupActivities, knownSince } from '../../activities/supabase/signup.ts'
import type { DeletionAnswers } from '../../activities/deletion/answers.ts'
import { connectSupabase, type SupabaseCalls } from '../../adapters/supabase/connect.ts'
import { inspectTriggers } from '../../adapters/supabase/trigger-inspector.ts'
import { loadSupabaseConfig, type SupabaseSections } from '../../config/supabase/sections.ts'
import { NO_TENANT } from '../../contracts/systems.ts'
import { connectSupabaseIntake } from '../../intake/supabase/connect.ts'
import { createProfileScan } from '../../state/postgres/supabase/audit-scan.ts'
import { createTriggerInspections } from '../../state/postgres/supabase/trigger-inspections.ts'
import { profileRecords } from '../../state/postgres/supabase/records.ts'
import { postgresOf } from '../../state/open.ts'
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
  lacksMetadata: 'reads',
  eventsOf: 'reads',
  createProfiles: 'creates',
  recordRefusal: 'writes',
  withoutProfile: 'reads',
  lackingAfter: 'reads',
  signupHealth: 'reads',
  countProfiles: 'reads',
  checkColumns: 'reads',
}

/**
 * Two catch-ups: where Holdfast creates the profiles, one of them finds every user whose webhook was lost, which is no
 * reason for an alert.
 */
const CATCH_UP_MS = 120_000

/** Users of Supabase Auth, their profiles, and the state, in one Postgres database. */
export const supabaseWorker: WorkerPart = {
  configure(env) {
    const { supabase, supabaseMigrations } = loadSupabaseConfig(['supabase', 'supabaseMigrations'], env)
    return { connect: (connections) => connect(supabase, supabaseMigrations, connections) }
  },
}

function connect(
  settings: SupabaseSections['supabase'],
  migrations: string | null,
  connections: WorkerConnections,
): SystemWorker {
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
  // The findings of inspections are Holdfast's own data, which is kept in every mode.
  const inspections = createTriggerInspections(postgresOf(opened).db)
  const { db } = database
  const inspectProfiles = createProfileInspection({
    supabase: calls,
    graceMs: profilesBy === 'holdfast' ? graceMs + CATCH_UP_MS : graceMs,
    inspectTrigger:
      profilesBy === 'trigger'
        ? async () => (await inspectTriggers({ db, inspections, migrations })).losses
        : null,
  })
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
          inspectProfiles,
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
          inspect: inspectProfiles,
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
