import { ManagementError } from 'auth0'
import { auth0Error, createManagement, type Auth0Access } from './auth0-client.ts'

/** A person as Auth0 knows them now. */
export interface Auth0Person {
  readonly email: string | null
  readonly emailVerified: boolean
  readonly createdAt: Date
}

export interface Auth0 {
  /** Reads one user by Auth0's own id, which is consistent where lists lag. Null where there is no such user. */
  person(userId: string): Promise<Auth0Person | null>
}

/**
 * Auth0's Management API for one tenant.
 * Fails with `auth0-unreachable`, `auth0-rate-limited` (with the time of the reset) or `auth0-denied`.
 */
export function createAuth0(tenant: Auth0Access): Auth0 {
  const management = createManagement(tenant)
  return {
    async person(userId) {
      try {
        const user = await management.users.get(userId, {
          fields: 'email,email_verified,created_at',
          include_fields: true,
        })
        return {
          email: typeof user.email === 'string' && user.email !== '' ? user.email : null,
          emailVerified: user.email_verified === true,
          createdAt: new Date(String(user.created_at)),
        }
      } catch (error) {
        if (error instanceof ManagementError && error.statusCode === 404) return null
        throw auth0Error(error)
      }
    },
  }
}
