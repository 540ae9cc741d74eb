import { ManagementClient, ManagementError } from 'auth0'
import type { TenantConfig } from '../../config/atproto/tenants.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { rateLimitResetAt } from '../../domain/retries/rate-limit.ts'
import { AnswerTooLongError, boundedFetch } from '../bounded-fetch.ts'

const ANSWER_SECONDS = 10

export type Auth0Access = Pick<TenantConfig, 'domain' | 'clientId' | 'clientSecret'> & {
  /** A shorter limit, for an operator who waits at a terminal. */
  readonly answerSeconds?: number
}

/** The SDK's client for one tenant. It never retries, since the workflow does, and knows for how long. */
export function createManagementClient(tenant: Auth0Access): ManagementClient {
  const origin = originOf(tenant)
  return new ManagementClient({
    domain: hostOf(tenant),
    clientId: tenant.clientId,
    clientSecret: tenant.clientSecret,
    maxRetries: 0,
    timeoutInSeconds: tenant.answerSeconds ?? ANSWER_SECONDS,
    telemetry: false,
    fetch: origin === null ? boundedFetch : sendTo(origin),
  })
}

/** A URL of the Management API as the SDK composes it. The SDK's `fetch` accepts a relative URL only for a path. */
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

/** The SDK always calls `https://<domain>`; for a stand-in named by a whole URL, its own origin is used. */
function sendTo(origin: URL): typeof fetch {
  return (input, init) => {
    const asked = new URL(input instanceof Request ? input.url : input)
    const target = new URL(asked.pathname + asked.search, origin)
    return boundedFetch(input instanceof Request ? new Request(target, input) : target, init)
  }
}

/** Classifies the error: `auth0-unreachable`, `auth0-rate-limited` (with the time of the reset) or `auth0-denied`. */
export function auth0Error(error: unknown): unknown {
  if (error instanceof OutsideError) return error
  if (error instanceof ManagementError && !(error.cause instanceof AnswerTooLongError))
    return auth0Refusal(error.statusCode, error.rawResponse?.headers, error)
  const tooLong = error instanceof ManagementError && error.cause instanceof AnswerTooLongError
  const answer = tooLong
    ? 'longer than any answer should be'
    : error instanceof Error
      ? error.name
      : 'no answer'
  return new OutsideError('auth0-unreachable', `Auth0 does not answer: ${answer}`, {
    cause: error,
    detail: { answer },
  })
}

/** The same for a response that was read without the SDK. */
export function auth0Refusal(
  statusCode: number | undefined,
  headers: Pick<Headers, 'get'> | undefined,
  cause?: unknown,
): OutsideError {
  const answer = statusCode === undefined ? 'no connection' : `HTTP ${statusCode}`
  const options = { cause, detail: { answer } }
  if (statusCode === 429) {
    const retryAt = rateLimitResetAt(
      [headers?.get('x-ratelimit-reset'), headers?.get('retry-after')],
      Date.now(),
    )
    return new OutsideError('auth0-rate-limited', 'Auth0: too many requests', { ...options, retryAt })
  }
  if (statusCode === 401 || statusCode === 403) {
    return new OutsideError('auth0-denied', `Auth0 denies the request: ${answer}`, options)
  }
  return new OutsideError('auth0-unreachable', `Auth0 answers unexpectedly: ${answer}`, options)
}
