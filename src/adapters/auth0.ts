import { ManagementError } from 'auth0'
import { auth0Error, createManagement, type Auth0Access } from './auth0-client.ts'
import { createAuth0Log, type Auth0Log } from './auth0-log.ts'
import { createAuth0Search, type Auth0Search } from './auth0-search.ts'

/** A person as Auth0 knows them now. */
export interface Auth0Person {
  readonly email: string | null
  readonly emailVerified: boolean
  readonly createdAt: Date
}

/** A person as the list of users shows them. */
export interface Auth0Listed extends Auth0Person {
  readonly userId: string
}

/** The most results Auth0 gives for one query, however it is paged. */
export const LIST_CAP = 1_000
export const LIST_PAGE = 100

export interface Auth0 extends Auth0Log, Auth0Search {
  /**
   * A page of users, newest first, with how many there are. The list lags: who is missing here may be found by id.
   * Past `LIST_CAP` results the next slice has to begin: `until` is the time of creation of the last one seen.
   */
  usersPage(slice: { until: Date | null; page: number }): Promise<{ users: Auth0Listed[]; total: number }>
  /** Reads one user by Auth0's own id, which is consistent where lists lag. Null where there is no such user. */
  person(userId: string): Promise<Auth0Person | null>
  /** The ids of those who verified this address, the oldest first: one person may have come by several connections. */
  verifiedWith(email: string): Promise<string[]>
}

/**
 * Auth0's Management API for one tenant.
 * Fails with `auth0-unreachable`, `auth0-rate-limited` (with the time of the reset) or `auth0-denied`.
 */
export function createAuth0(tenant: Auth0Access): Auth0 {
  const management = createManagement(tenant)
  return {
    ...createAuth0Log(tenant, management),
    ...createAuth0Search(management),
    async usersPage({ until, page }) {
      try {
        const { data, response } = await management.users.list({
          page,
          per_page: LIST_PAGE,
          include_totals: true,
          search_engine: 'v3',
          sort: 'created_at:-1',
          fields: 'user_id,email,email_verified,created_at',
          include_fields: true,
          ...(until === null ? {} : { q: `created_at:[* TO "${until.toISOString()}"]` }),
        })
        const users = data.map((user) => ({ userId: String(user.user_id), ...personOf(user) }))
        return { users, total: Number(response.total ?? users.length) }
      } catch (error) {
        throw auth0Error(error)
      }
    },

    async person(userId) {
      try {
        const user = await management.users.get(userId, {
          fields: 'email,email_verified,created_at',
          include_fields: true,
        })
        return personOf(user)
      } catch (error) {
        if (error instanceof ManagementError && error.statusCode === 404) return null
        throw auth0Error(error)
      }
    },

    async verifiedWith(email) {
      // Auth0 lower-cases the addresses of its own database; a social provider's stand as they came.
      const spellings = new Set([email.toLowerCase(), email])
      try {
        const found = await Promise.all(
          [...spellings].map((spelling) =>
            management.users.listUsersByEmail({
              email: spelling,
              fields: 'user_id,email_verified,created_at',
              include_fields: true,
            }),
          ),
        )
        const verified = found.flat().flatMap(({ user_id, email_verified, created_at }) => {
          return email_verified === true && user_id !== undefined
            ? { userId: user_id, age: `${String(created_at)} ${user_id}` }
            : []
        })
        return verified.toSorted((a, b) => (a.age < b.age ? -1 : 1)).map(({ userId }) => userId)
      } catch (error) {
        throw auth0Error(error)
      }
    },
  }
}

interface UserFields {
  readonly email?: unknown
  readonly email_verified?: unknown
  readonly created_at?: unknown
}

function personOf({ email, email_verified, created_at }: UserFields): Auth0Person {
  return {
    email: typeof email === 'string' && email !== '' ? email : null,
    emailVerified: email_verified === true,
    createdAt: new Date(String(created_at)),
  }
}
