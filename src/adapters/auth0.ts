import { ManagementClient, ManagementError } from 'auth0'
import type { TenantConfig } from '../config/tenants.ts'
import { OutsideError } from '../domain/outside-error.ts'

const ANSWER_SECONDS = 10

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

export interface Auth0 {
  /**
   * A page of users, newest first, with how many there are. The list lags: who is missing here may be found by id.
   * Past `LIST_CAP` results the next slice has to begin: `until` is the time of creation of the last one seen.
   */
  usersPage(slice: { until: Date | null; page: number }): Promise<{ users: Auth0Listed[]; total: number }>
  /** Reads one user by Auth0's own id, which is consistent where lists lag. Null where there is no such user. */
  person(userId: string): Promise<Auth0Person | null>
}

/**
 * Auth0's Management API for one tenant. The SDK never retries here: the workflow does, and it knows for how long.
 * Fails with `auth0-unreachable`, `auth0-rate-limited` (with the time of the reset) or `auth0-denied`.
 */
export function createAuth0(tenant: Pick<TenantConfig, 'domain' | 'clientId' | 'clientSecret'>): Auth0 {
  const origin = tenant.domain.includes('://') ? new URL(tenant.domain) : null
  const management = new ManagementClient({
    domain: origin?.host ?? tenant.domain,
    clientId: tenant.clientId,
    clientSecret: tenant.clientSecret,
    maxRetries: 0,
    timeoutInSeconds: ANSWER_SECONDS,
    telemetry: false,
    ...(origin === null ? {} : { fetch: towards(origin) }),
  })

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

/** The SDK always says `https://<domain>`; a stand-in named by a whole URL is asked at its own origin. */
function towards(origin: URL): typeof fetch {
  return (input, init) => {
    const asked = new URL(input instanceof Request ? input.url : input)
    const target = new URL(asked.pathname + asked.search, origin)
    return fetch(input instanceof Request ? new Request(target, input) : target, init)
  }
}

function auth0Error(error: unknown): unknown {
  if (!(error instanceof ManagementError)) {
    const answer = error instanceof Error ? error.name : 'no answer'
    return new OutsideError('auth0-unreachable', `Auth0 does not answer: ${answer}`, {
      cause: error,
      detail: { answer },
    })
  }
  const { statusCode } = error
  const answer = statusCode === undefined ? 'no connection' : `HTTP ${statusCode}`
  const options = { cause: error, detail: { answer } }
  if (statusCode === 429) {
    const reset = Number(error.rawResponse?.headers.get('x-ratelimit-reset'))
    const retryAt = new Date(Number.isFinite(reset) && reset > 0 ? reset * 1_000 : Date.now() + 60_000)
    return new OutsideError('auth0-rate-limited', 'Auth0: too many requests', { ...options, retryAt })
  }
  if (statusCode === 401 || statusCode === 403) {
    return new OutsideError('auth0-denied', `Auth0 denies the request: ${answer}`, options)
  }
  return new OutsideError('auth0-unreachable', `Auth0 does not answer as it should: ${answer}`, options)
}
