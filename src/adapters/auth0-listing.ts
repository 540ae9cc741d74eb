import type { ManagementClient } from 'auth0'
import { auth0Error } from './auth0-client.ts'

/** The most results Auth0 gives for one query, however it is paged. */
export const LIST_CAP = 1_000
export const LIST_PAGE = 100

/** A person as the list of users shows them. */
export interface Auth0Listed {
  readonly userId: string
  readonly email: string | null
  readonly emailVerified: boolean
  readonly createdAt: Date
}

export interface Auth0Listing {
  /**
   * A page of users, newest first, with how many there are. The list lags: who is missing here may be found by id.
   * Past `LIST_CAP` results the next slice has to begin: `until` is the time of creation of the last one seen.
   */
  usersPage(slice: { until: Date | null; page: number }): Promise<{ users: Auth0Listed[]; total: number }>
}

/** Everybody at one tenant, as audits walk them. */
export function createAuth0Listing(management: ManagementClient): Auth0Listing {
  return {
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
        return { users, total: response.total ?? users.length }
      } catch (error) {
        throw auth0Error(error)
      }
    },
  }
}

/** A user of the Management API, as far as Holdfast looks. */
export function personOf(user: {
  readonly email?: unknown
  readonly email_verified?: unknown
  readonly created_at?: unknown
}): Omit<Auth0Listed, 'userId'> {
  return {
    email: typeof user.email === 'string' && user.email !== '' ? user.email : null,
    emailVerified: user.email_verified === true,
    createdAt: new Date(String(user.created_at)),
  }
}
