import { createProfiles, type Profiles } from '../../adapters/supabase/profiles.ts'
import { createUserReader, type UserReader } from '../../adapters/supabase/users.ts'
import { loadSupabaseConfig } from '../../config/supabase/sections.ts'
import type { PersonRef } from '../../contracts/systems.ts'
import { judgeUser } from '../../domain/supabase/gaps.ts'
import { kindOf, owesProfile, type AuthUser } from '../../domain/supabase/user.ts'
import { postgresOf } from '../../state/open.ts'
import { profileRecords } from '../../state/postgres/supabase/records.ts'
import type { OnePerson, PersonContext, StoresSeen } from '../one-person.ts'
import { queryStore, storeAnswer, type StoreResult } from '../query-store.ts'

type Calls = UserReader & Profiles
type Profile = Awaited<ReturnType<Calls['profile']>>

/** Asks over the connections of the state, which is in the same database and has few to give. */
async function asking<T>(
  { env, state }: Pick<PersonContext, 'env' | 'state'>,
  ask: (supabase: Calls) => Promise<T>,
): Promise<T> {
  const settings = loadSupabaseConfig(['supabase'], env).supabase
  const { db } = postgresOf(await state())
  return ask({ ...createUserReader(db), ...createProfiles(db, settings) })
}

/** Supabase Auth and the profiles, as they answer about one user. */
export const supabasePerson: OnePerson = {
  async resolve(words, context) {
    const { system } = context
    const found = await queryStore(system, () => asking(context, (supabase) => supabase.usersByEmail(words)))
    if (!found.asked) return { matches: [], unavailable: [`Supabase Auth: ${found.because}`] }
    return { matches: found.value, unavailable: [] }
  },

  async look(person, context) {
    const { system } = context
    const [user, profile, events] = await Promise.all([
      queryStore(system, () => asking(context, (supabase) => supabase.user(person.identity))),
      queryStore(system, () => asking(context, (supabase) => supabase.profile(person.identity))),
      queryStore(system, () => asking(context, (supabase) => supabase.eventsOf(person.identity))),
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

  atProvider: (identity, context) =>
    asking(context, async (supabase) => {
      const user = await supabase.user(identity)
      return user === null || user.deletedAt !== null ? null : { createdAt: new Date(user.createdAt) }
    }),

  records: (context) => {
    loadSupabaseConfig(['supabase'], context.env) // so that `export` names what is missing, before it reads anything
    return Promise.resolve(
      profileRecords({
        profile: (id) => asking(context, (supabase) => supabase.profile(id)),
        eventsOf: (id) => asking(context, (supabase) => supabase.eventsOf(id)),
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
