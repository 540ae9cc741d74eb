import type { Finding } from '../../contracts/gaps.ts'
import { NO_TENANT } from '../../contracts/systems.ts'
import { SUPABASE_GAPS } from '../../contracts/supabase/gaps.ts'
import { compareEmails, emailOf, isUnowned, kindOf, owesProfile, type AuthUser } from './user.ts'

/** A profile as far as it is judged. */
export interface JudgedProfile {
  readonly email: string | null
}

/** The gaps of one user id, as an audit finds them for all. `comparesEmails`: the profiles have a column for it. */
export function judgeUser(
  id: string,
  user: AuthUser | null,
  profile: JudgedProfile | null,
  { comparesEmails, now }: { readonly comparesEmails: boolean; readonly now: Date },
): Finding[] {
  if (profile === null) {
    if (user === null || !owesProfile(user)) return []
    const kind = kindOf(user, now)
    return [gapOf(id, 'profile-missing', user.createdAt, kind === 'ordinary' ? {} : { user: kind })]
  }
  if (user === null || isUnowned(user))
    return [
      gapOf(id, 'profile-unowned', user?.deletedAt ?? null, {
        user: user === null ? 'none' : 'soft-deleted',
      }),
    ]
  const compared = comparesEmails && owesProfile(user) ? compareEmails(emailOf(user), profile.email) : 'same'
  return compared === 'same' ? [] : [gapOf(id, 'email-differs', null, { profile: compared })]
}

function gapOf(
  identity: string,
  kind: keyof typeof SUPABASE_GAPS,
  since: string | null,
  evidence: Readonly<Record<string, string>>,
): Finding {
  return {
    system: 'supabase',
    identity,
    tenant: NO_TENANT,
    kind,
    since,
    evidence,
    repair: SUPABASE_GAPS[kind].repair,
  }
}
