import { ManagementError } from 'auth0'
import { auth0Error, createManagement, type Auth0Access } from './auth0-client.ts'
import { createAuth0Listing, personOf, type Auth0Listing } from './auth0-listing.ts'
import { createAuth0Log, type Auth0Log } from './auth0-log.ts'
import { createAuth0Search, type Auth0Search } from './auth0-search.ts'

/** A person as Auth0 knows them now. */
export interface Auth0Person {
  readonly email: string | null
  readonly emailVerified: boolean
  readonly createdAt: Date
}

export interface Auth0 extends Auth0Log, Auth0Search, Auth0Listing {
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
    ...createAuth0Listing(management),
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
