/** A user in `auth.users`, as far as the rules depend on it. Times are ISO 8601. */
export interface AuthUser {
  readonly id: string
  readonly email: string | null
  /** The address in the user's first identity that has one: an SSO user may have it there alone. */
  readonly identityEmail: string | null
  readonly phone: string | null
  readonly isAnonymous: boolean
  readonly isSso: boolean
  readonly deletedAt: string | null
  readonly bannedUntil: string | null
  readonly createdAt: string
}

/** The kind of a user, in words an operator reads. */
export type UserKind = 'anonymous' | 'soft-deleted' | 'sso' | 'phone-only' | 'banned' | 'ordinary'

/** The first kind that applies; the first two owe no profile. */
export function kindOf(user: Omit<AuthUser, 'id' | 'createdAt'>, now: Date): UserKind {
  if (user.deletedAt !== null) return 'soft-deleted'
  if (user.isAnonymous) return 'anonymous'
  if (user.bannedUntil !== null && Date.parse(user.bannedUntil) > now.getTime()) return 'banned'
  if (user.isSso) return 'sso'
  return emailOf(user) === null && present(user.phone) !== null ? 'phone-only' : 'ordinary'
}

/** Whether the user must have a profile: everybody but anonymous users, until they are converted, and soft-deleted ones. */
export function owesProfile({
  isAnonymous,
  deletedAt,
}: Pick<AuthUser, 'isAnonymous' | 'deletedAt'>): boolean {
  return !isAnonymous && deletedAt === null
}

/** The address of a user: their own, otherwise that of the identity; in lower case, null where there is none. */
export function emailOf({ email, identityEmail }: Pick<AuthUser, 'email' | 'identityEmail'>): string | null {
  return present(email) ?? present(identityEmail)
}

/** How the address of a profile relates to the user's, which is authoritative. A user without an address differs from none. */
export function compareEmails(user: string | null, profile: string | null): 'same' | 'absent' | 'differs' {
  const [own, stored] = [present(user), present(profile)]
  if (own === null || own === stored) return 'same'
  return stored === null ? 'absent' : 'differs'
}

/** Whether a profile of this user belongs to nobody: the user is gone, or soft-deleted. */
export function isUnowned(user: Pick<AuthUser, 'deletedAt'> | null): boolean {
  return user === null || user.deletedAt !== null
}

/** An empty text counts as absent. */
function present(text: string | null): string | null {
  const trimmed = text?.trim().toLowerCase() ?? ''
  return trimmed === '' ? null : trimmed
}
