import type { SupabaseCalls } from '../../adapters/supabase/connect.ts'
import type { ProfileEvent } from '../../adapters/supabase/events.ts'
import type { ProfilesBy } from '../../config/supabase/sections.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { owesProfile, type AuthUser } from '../../domain/supabase/user.ts'
import type { StepHistory } from '../../state/ports/step-history.ts'
import { checkDeletion, type DeletionGuardDeps } from '../deletion/guard.ts'
import { withDeletionSweep } from '../deletion/with-sweep.ts'
import { withFailureMapping } from '../lib/failures.ts'
import { withHistory } from '../lib/history.ts'
import type { SignupCounts } from '../lib/signup-counts.ts'

interface Person {
  readonly identity: string
}

export interface LoadedUser {
  /** `unknown`: Supabase Auth has no such user, or they were deleted here. `not-due`: they owe no profile. */
  readonly is: 'unknown' | 'not-due' | 'due'
  /** How long a profile should still wait for metadata, in milliseconds; 0 once all is there, or the time is over. */
  readonly awaitMetadataMs: number
}

/** The activities of `profileSignup`. Each is safe to run twice. */
export interface SupabaseSignupActivities {
  loadUser(person: Person): Promise<LoadedUser>
  /**
   * Creates the profile where there is none, and reads it back. `repair`: a backfill started it; without one it is a
   * repair, too, where the trigger or the application should have created it. `gone`: the user was deleted meanwhile.
   */
  ensureProfile(
    person: Person & { readonly repair: boolean },
  ): Promise<{ profile: 'created' | 'present' | 'gone' }>
}

export interface SupabaseSignupDeps extends DeletionGuardDeps {
  readonly supabase: Pick<
    SupabaseCalls,
    'user' | 'profile' | 'lacksMetadata' | 'createProfiles' | 'recordRefusal'
  >
  readonly profilesBy: ProfilesBy
  readonly graceMs: number
  readonly stepHistory: StepHistory
  readonly signupCounts: SignupCounts
}

export function createSupabaseSignupActivities(deps: SupabaseSignupDeps): SupabaseSignupActivities {
  const { supabase, profilesBy, graceMs, stepHistory: journal, signupCounts: counts } = deps
  const isDeleted = (identity: string, user: AuthUser | null): Promise<boolean> =>
    checkDeletion(deps, identity, knownSince(user))
  /**
   * Supabase Auth, or the application, may write a user's metadata by an update after the insert. A profile takes each
   * value once, so it waits for them; half the grace period, so that none counts as missing meanwhile.
   */
  const metadataWait = async ({ id, createdAt }: AuthUser): Promise<number> => {
    if (profilesBy !== 'holdfast') return 0
    const most = graceMs / 2
    const left = Math.min(Date.parse(createdAt) + most - Date.now(), most) // whatever the clocks say
    return left > 0 && (await supabase.lacksMetadata(id)) ? Math.ceil(left) : 0
  }
  return {
    loadUser: withFailureMapping(
      withDeletionSweep(
        deps,
        withHistory(
          {
            journal,
            counts,
            step: 'recording',
            done: ({ is, awaitMetadataMs }) =>
              is === 'unknown' || awaitMetadataMs > 0
                ? []
                : [{ step: 'recording', outcome: is === 'due' ? 'done' : 'not-due' }],
            endsIn: ({ is }) => (is === 'due' ? null : is === 'unknown' ? 'deleted' : 'completed'),
          },
          async ({ identity }: Person): Promise<LoadedUser> => {
            const user = await supabase.user(identity)
            if (knownSince(user) === null || user === null || (await isDeleted(identity, user)))
              return { is: 'unknown', awaitMetadataMs: 0 }
            if (!owesProfile(user)) return { is: 'not-due', awaitMetadataMs: 0 }
            return { is: 'due', awaitMetadataMs: await metadataWait(user) }
          },
        ),
        ({ is }) => is !== 'unknown',
      ),
    ),
    ensureProfile: withFailureMapping(
      withDeletionSweep(
        deps,
        withHistory(
          {
            journal,
            counts,
            step: 'creating-profile',
            done: ({ profile }) =>
              profile === 'gone'
                ? []
                : [{ step: 'creating-profile', outcome: profile === 'created' ? 'done' : 'present' }],
            endsIn: ({ profile }) => (profile === 'gone' ? 'deleted' : 'completed'),
          },
          async ({ identity, repair }: Person & { readonly repair: boolean }) => {
            if (await isDeleted(identity, await supabase.user(identity))) return { profile: 'gone' as const }
            const events: ProfileEvent[] =
              repair || profilesBy !== 'holdfast'
                ? ['profile_backfilled']
                : ['auth_user_created', 'profile_bootstrap_ok']
            const created = await withRefusalRecorded(supabase, identity, () =>
              supabase.createProfiles([identity], events),
            )
            if ((await supabase.profile(identity)) !== null)
              return { profile: created.length > 0 ? ('created' as const) : ('present' as const) }
            const user = await supabase.user(identity)
            if (user === null || !owesProfile(user)) return { profile: 'gone' as const }
            throw new OutsideError('profile-refused', 'the insert of a profile had no effect', {
              detail: { code: 'the insert had no effect' },
            })
          },
        ),
        ({ profile }) => profile !== 'gone',
      ),
    ),
  }
}

/** Since when Supabase Auth has the user, as a deletion asks it; null for a soft-deleted one. */
export function knownSince(user: AuthUser | null): { readonly createdAt: Date } | null {
  return user === null || user.deletedAt !== null ? null : { createdAt: new Date(user.createdAt) }
}

async function withRefusalRecorded<T>(
  supabase: Pick<SupabaseCalls, 'recordRefusal'>,
  identity: string,
  create: () => Promise<T>,
): Promise<T> {
  try {
    return await create()
  } catch (error) {
    if (error instanceof OutsideError && error.refusesRecord)
      await supabase.recordRefusal(identity, { problem: error.problem, ...error.detail })
    throw error
  }
}
