import { ManagementError } from 'auth0'
import { OutsideError } from '../../domain/outside-error.ts'
import { auth0Error, createManagementClient, type Auth0Access } from './client.ts'
import { createAuth0Listing, toAuth0Person, type Auth0Listing } from './listing.ts'
import { createAuth0Log, type Auth0Log } from './log.ts'
import { createAuth0Search, type Auth0Search } from './search.ts'

/** A person as Auth0 knows them now. */
export interface Auth0Person {
  readonly email: string | null
  readonly emailVerified: boolean
  readonly createdAt: Date
}

/** Auth0's status codes for an id in a form that it never issues, or too long for a URL. */
const NEVER_AN_ID: readonly number[] = [400, 414, 422]

export interface Auth0 extends Auth0Log, Auth0Search, Auth0Listing {
  /** Reads one user by Auth0's own id, which is consistent where lists lag. Null where there is no such user. */
  person(userId: string): Promise<Auth0Person | null>
  /** The ids of the users who verified this address, the oldest first: one person may have used several connections. */
  userIdsVerifiedWith(email: string): Promise<string[]>
}

/**
 * Auth0's Management API for one tenant.
 * Fails with `auth0-unreachable`, `auth0-rate-limited` (with the time of the reset) or `auth0-denied`.
 */
export function createAuth0(tenant: Auth0Access): Auth0 {
  const management = createManagementClient(tenant)
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
        return toAuth0Person(user)
      } catch (error) {
        if (error instanceof ManagementError && error.statusCode === 404) return null
        // These answers concern the id and do not mean that Auth0 is unavailable: a retry gets the same answer.
        if (error instanceof ManagementError && NEVER_AN_ID.includes(error.statusCode ?? 0))
          throw new OutsideError('auth0-refused', 'Auth0 refuses the id', {
            cause: error,
            detail: { answer: `HTTP ${error.statusCode}` },
          })
        throw auth0Error(error)
      }
    },

    async userIdsVerifiedWith(email) {
      // Auth0 lower-cases the addresses of its own database; those of social providers stay as received.
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
