import type { ManagementClient } from 'auth0'
import { auth0Error } from './client.ts'

const PER_PAGE = 100
/** The most results that Auth0 returns for one query, over all pages. */
const MOST = 1_000

/** A user as a list of users shows it. Lists lag: their data may be seconds old, and new users may be missing. */
export interface ListedUser {
  readonly userId: string
  /** ISO 8601, as Auth0 has it. */
  readonly at: string
}

/** `created`: all users, by their time of creation. `verified`: users with a verified address, by their last change. */
export type UserList = 'created' | 'verified'

export interface Auth0Search {
  /**
   * Users since a time, oldest first, at most 1,000; `more` when others follow. The next call then begins at the last
   * one's `at`, which works around Auth0's limit.
   */
  usersSince(list: UserList, since: Date): Promise<{ users: ListedUser[]; more: boolean }>
}

const LISTS = {
  created: { field: 'created_at', also: '' },
  verified: { field: 'updated_at', also: 'email_verified:true AND ' },
} as const

export function createAuth0Search(management: ManagementClient): Auth0Search {
  return {
    async usersSince(list, since) {
      const { field, also } = LISTS[list]
      const users: ListedUser[] = []
      try {
        for (let page = 0; page < MOST / PER_PAGE; page += 1) {
          const { data } = await management.users.list({
            q: `${also}${field}:[${since.toISOString()} TO *]`,
            search_engine: 'v3',
            sort: `${field}:1`,
            page,
            per_page: PER_PAGE,
            fields: `user_id,${field}`,
            include_fields: true,
          })
          for (const user of data) {
            if (typeof user.user_id === 'string')
              users.push({ userId: user.user_id, at: String(user[field]) })
          }
          if (data.length < PER_PAGE) return { users, more: false }
        }
      } catch (error) {
        throw auth0Error(error)
      }
      return { users, more: true }
    },
  }
}
