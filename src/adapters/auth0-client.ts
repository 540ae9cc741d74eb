import { ManagementClient, ManagementError } from 'auth0'
import type { TenantConfig } from '../config/tenants.ts'
import { OutsideError } from '../domain/outside-error.ts'

const ANSWER_SECONDS = 10

export type Auth0Access = Pick<TenantConfig, 'domain' | 'clientId' | 'clientSecret'> & {
  /** For somebody who waits at a terminal. */
  readonly answerSeconds?: number
}

/** The SDK's client for one tenant. It never retries: the workflow does, and it knows for how long. */
export function createManagement(tenant: Auth0Access): ManagementClient {
  const origin = originOf(tenant)
  return new ManagementClient({
    domain: hostOf(tenant),
    clientId: tenant.clientId,
    clientSecret: tenant.clientSecret,
    maxRetries: 0,
    timeoutInSeconds: tenant.answerSeconds ?? ANSWER_SECONDS,
    telemetry: false,
    ...(origin === null ? {} : { fetch: towards(origin) }),
  })
}

/** An address of the Management API as the SDK spells it. Its `fetch` takes a relative one for a path alone. */
export function apiUrl(tenant: Auth0Access, path: string, query: Record<string, string> = {}): string {
  const parameters = new URLSearchParams(query).toString()
  return `https://${hostOf(tenant)}/api/v2/${path}${parameters === '' ? '' : `?${parameters}`}`
}

function originOf({ domain }: Auth0Access): URL | null {
  return domain.includes('://') ? new URL(domain) : null
}

function hostOf(tenant: Auth0Access): string {
  return originOf(tenant)?.host ?? tenant.domain
}

/** The SDK always says `https://<domain>`; a stand-in named by a whole URL is asked at its own origin. */
function towards(origin: URL): typeof fetch {
  return (input, init) => {
    const asked = new URL(input instanceof Request ? input.url : input)
    const target = new URL(asked.pathname + asked.search, origin)
    return fetch(input instanceof Request ? new Request(target, input) : target, init)
  }
}

/** Names what went wrong: `auth0-unreachable`, `auth0-rate-limited` (with the time of the reset) or `auth0-denied`. */
export function auth0Error(error: unknown): unknown {
  if (error instanceof OutsideError) return error
  if (error instanceof ManagementError) return refusal(error.statusCode, error.rawResponse?.headers, error)
  const answer = error instanceof Error ? error.name : 'no answer'
  return new OutsideError('auth0-unreachable', `Auth0 does not answer: ${answer}`, {
    cause: error,
    detail: { answer },
  })
}

/** The same for an answer that was read without the SDK. */
export function refusal(
  statusCode: number | undefined,
  headers: Pick<Headers, 'get'> | undefined,
  cause?: unknown,
): OutsideError {
  const answer = statusCode === undefined ? 'no connection' : `HTTP ${statusCode}`
  const options = { cause, detail: { answer } }
  if (statusCode === 429) {
    const reset = Number(headers?.get('x-ratelimit-reset'))
    const retryAt = new Date(Number.isFinite(reset) && reset > 0 ? reset * 1_000 : Date.now() + 60_000)
    return new OutsideError('auth0-rate-limited', 'Auth0: too many requests', { ...options, retryAt })
  }
  if (statusCode === 401 || statusCode === 403) {
    return new OutsideError('auth0-denied', `Auth0 denies the request: ${answer}`, options)
  }
  return new OutsideError('auth0-unreachable', `Auth0 does not answer as it should: ${answer}`, options)
}
