import { connectSupabase, type SupabaseCalls } from '../../adapters/supabase/connect.ts'
import type { Env } from '../../config.ts'
import { loadSupabaseConfig } from '../../config/supabase/sections.ts'
import type { PersonRef } from '../../contracts/systems.ts'
import { judgeUser } from '../../domain/supabase/gaps.ts'
import { kindOf, owesProfile, type AuthUser } from '../../domain/supabase/user.ts'
import { profileRecords } from '../../state/postgres/supabase/records.ts'
import type { OnePerson, PersonContext, StoresSeen } from '../one-person.ts'
import { queryStore, storeAnswer, type StoreResult } from '../query-store.ts'

type Profile = Awaited<ReturnType<SupabaseCalls['profile']>>

async function asking<T>(env: Env, ask: (supabase: SupabaseCalls) => Promise<T>): Promise<T> {
  const { calls, close } = connectSupabase(loadSupabaseConfig(['supabase'], env).supabase)
  try {
    return await ask(calls)
  } finally {
    await close()
  }
}

/** Supabase Auth and the profiles, as they answer about one user. */
export const supabasePerson: OnePerson = {
  async resolve(words, { system, env }) {
    const found = await queryStore(system, () => asking(env, (supabase) => supabase.usersByEmail(words)))
    if (!found.asked) return { matches: [], unavailable: [`Supabase Auth: ${found.because}`] }
    return { matches: found.value, unavailable: [] }
  },

  async look(person, context) {
    const { system, env } = context
    const [user, profile, events] = await Promise.all([
      queryStore(system, () => asking(env, (supabase) => supabase.user(person.identity))),
      queryStore(system, () => asking(env, (supabase) => supabase.profile(person.identity))),
      queryStore(system, () => asking(env, (supabase) => supabase.eventsOf(person.identity))),
    ])
    return {
      ...seen(person, user, profile, context),
      stores: [
        storeAnswer('auth.users', user, userText),
        storeAnswer('profiles', profile, (found) => (found === null ? 'no profile' : 'a profile')),
        storeAnswer('user_events', events, eventsText),
      ],
    }
  },

  atProvider: (identity, { env }) =>
    asking(env, async (supabase) => {
      const user = await supabase.user(identity)
      return user === null || user.deletedAt !== null ? null : { createdAt: new Date(user.createdAt) }
    }),

  records: ({ env }) => {
    loadSupabaseConfig(['supabase'], env) // so that `export` names what is missing, before it reads anything
    return Promise.resolve(
      profileRecords({
        profile: (id) => asking(env, (supabase) => supabase.profile(id)),
        eventsOf: (id) => asking(env, (supabase) => supabase.eventsOf(id)),
      }),
    )
  },
}

function seen(
  { identity }: PersonRef,
  user: StoreResult<AuthUser | null>,
  profile: StoreResult<Profile>,
  { env }: PersonContext,
): Omit<StoresSeen, 'stores'> {
  const known = user.asked ? user.value : null
  const stored = profile.asked ? profile.value : null
  return {
    atProvider: !user.asked ? 'not asked' : known === null || known.deletedAt !== null ? 'unknown' : 'known',
    judge({ deletion }) {
      const deleted =
        deletion.asked && deletion.value.tombstone !== null && (known === null || known.deletedAt !== null)
      const { emailColumn } = loadSupabaseConfig(['supabase'], env).supabase.mapping
      const judged = user.asked && profile.asked && !deleted
      const owes = known !== null && owesProfile(known)
      return {
        gaps: judged
          ? judgeUser(identity, known, stored, { comparesEmails: emailColumn !== null, now: new Date() })
          : [],
        stage: stored !== null ? 'completed' : owes && profile.asked ? 'creating-profile' : null,
        known: known !== null || stored !== null,
        deleted,
        notices: [],
        fix: null,
      }
    },
  }
}

function userText(user: AuthUser | null): string {
  if (user === null) return 'no such user'
  const kind = kindOf(user, new Date())
  return kind === 'ordinary' ? 'a user' : `a user (${kind})`
}

function eventsText(events: readonly Readonly<Record<string, unknown>>[]): string {
  if (events.length === 0) return 'no events'
  const types = events.slice(-5).map((event) => String(event['event_type']))
  return `${events.length > 5 ? 'the last: ' : ''}${types.join(', ')}`
}
