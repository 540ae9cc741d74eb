import type { ManagementClient } from 'auth0'
import { auth0Error } from './client.ts'

/** The most results that Auth0 returns for one query, over all pages. */
export const MAX_LIST_RESULTS = 1_000
export const LIST_PAGE_SIZE = 100

/** A user as the list of users shows them. */
export interface Auth0UserSummary {
  readonly userId: string
  readonly email: string | null
  readonly emailVerified: boolean
  readonly createdAt: Date
}

export interface Auth0Listing {
  /**
   * A page of users, newest first, with the total number. The list lags: a user who is missing here may be found by id.
   * After `MAX_LIST_RESULTS` results a new slice has to begin: `until` is the creation time of the last user seen.
   */
  usersPage(slice: {
    until: Date | null
    page: number
  }): Promise<{ users: Auth0UserSummary[]; total: number }>
}

/** All users of one tenant, in the pages that audits read. */
export function createAuth0Listing(management: ManagementClient): Auth0Listing {
  return {
    async usersPage({ until, page }) {
      try {
        const { data, response } = await management.users.list({
          page,
          per_page: LIST_PAGE_SIZE,
          include_totals: true,
          search_engine: 'v3',
          sort: 'created_at:-1',
          fields: 'user_id,email,email_verified,created_at',
          include_fields: true,
          ...(until === null ? {} : { q: `created_at:[* TO "${until.toISOString()}"]` }),
        })
        const users = data.map((user) => ({ userId: String(user.user_id), ...toAuth0Person(user) }))
        return { users, total: response.total ?? users.length }
      } catch (error) {
        throw auth0Error(error)
      }
    },
  }
}

/** The fields of a Management API user that Holdfast reads. */
export function toAuth0Person(user: {
  readonly email?: unknown
  readonly email_verified?: unknown
  readonly created_at?: unknown
}): Omit<Auth0UserSummary, 'userId'> {
  return {
    email: typeof user.email === 'string' && user.email !== '' ? user.email : null,
    emailVerified: user.email_verified === true,
    createdAt: new Date(String(user.created_at)),
  }
}
