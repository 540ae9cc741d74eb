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

export interface Auth0 {
  /** Reads one user by Auth0's own id, which is consistent where lists lag. Null where there is no such user. */
  person(userId: string): Promise<Auth0Person | null>
  /** The ids of those who verified this address, the oldest first: one person may have come by several connections. */
  verifiedWith(email: string): Promise<string[]>
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
