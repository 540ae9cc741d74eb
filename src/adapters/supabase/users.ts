import { sql, type RawBuilder } from 'kysely'
import type { AuthUser } from '../../domain/supabase/user.ts'
import { callPostgres } from '../postgres/lib/errors.ts'
import type { ApplicationDb } from './catalog.ts'
import { EMAIL_OF_USER } from './profile-values.ts'

export const USERS = 'holdfast.auth_users'

/** ISO 8601 with the microseconds that a `Date` would lose. */
export function isoOf(time: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`to_char((${time}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}

export interface UserReader {
  /** Null where `auth.users` has no such user; a soft-deleted one is there. */
  user(id: string): Promise<AuthUser | null>
  /** The ids of the users with this address, theirs or an identity's, whatever its case; a few. */
  usersByEmail(email: string): Promise<string[]>
  countUsers(): Promise<number>
}

/** The users of Supabase Auth, through the view that shows what Holdfast needs of them. */
export function createUserReader(db: ApplicationDb): UserReader {
  return {
    user: (id) =>
      callPostgres(USERS, 'find', async () => {
        const { rows } = await sql<AuthUser>`
          select u.id, u.email, u.identity_email as "identityEmail", u.phone,
                 u.is_anonymous is true as "isAnonymous", u.is_sso_user is true as "isSso",
                 ${isoOf(sql`u.deleted_at`)} as "deletedAt", ${isoOf(sql`u.banned_until`)} as "bannedUntil",
                 ${isoOf(sql`coalesce(u.created_at, 'epoch')`)} as "createdAt"
            from holdfast.auth_users u where u.id = ${id}::uuid`.execute(db)
        return rows[0] ?? null
      }),
    usersByEmail: (email) =>
      callPostgres(USERS, 'find', async () => {
        const { rows } = await sql<{ id: string }>`
          select u.id from holdfast.auth_users u
           where ${EMAIL_OF_USER} = ${email.trim().toLowerCase()} and u.deleted_at is null
           order by u.id limit 20`.execute(db)
        return rows.map(({ id }) => id)
      }),
    countUsers: () =>
      callPostgres(USERS, 'find', async () => {
        const { rows } = await sql<{
          count: number
        }>`select count(*) as count from holdfast.auth_users`.execute(db)
        return rows[0]?.count ?? 0
      }),
  }
}
