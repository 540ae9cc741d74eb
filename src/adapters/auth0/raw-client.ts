import type { TenantConfig } from '../../config/atproto/tenants.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { rateLimitResetAt } from '../../domain/retries/rate-limit.ts'
import { boundedFetch } from '../bounded-fetch.ts'

const ANSWER_MS = 10_000

export type Auth0Credentials = Pick<TenantConfig, 'domain' | 'clientId' | 'clientSecret'>

export interface Auth0Answer {
  readonly status: number
  readonly headers: Headers
  /** The JSON of the body; null where there was none. */
  readonly body: unknown
}

/** The client itself was refused a token: because of its id, its secret, or its access to the Management API. */
export class Auth0ClientRefusedError extends Error {
  override readonly name = 'Auth0ClientRefusedError'
}

export interface Auth0RawClient {
  /** A token and the scopes Auth0 put into it. Requested once. Throws `Auth0ClientRefusedError`. */
  token(): Promise<{ readonly token: string; readonly scopes: readonly string[] }>
  /** One call of the Management API. A refusal is returned and not thrown, since the scopes are being checked. */
  call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Auth0Answer>
}

/**
 * Calls to Auth0 without the SDK, with unchanged responses: for checks of the configuration itself, where the SDK would
 * hide the granted scopes. Fails with `auth0-unreachable` and `auth0-rate-limited`.
 */
export function createAuth0RawClient(tenant: Auth0Credentials): Auth0RawClient {
  const base = tenant.domain.includes('://') ? new URL(tenant.domain).origin : `https://${tenant.domain}`
  let known: ReturnType<Auth0RawClient['token']> | null = null

  const obtain = async () => {
    const { status, body } = await request(new URL('/oauth/token', base), 'POST', {
      grant_type: 'client_credentials',
      client_id: tenant.clientId,
      client_secret: tenant.clientSecret,
      audience: `${base}/api/v2/`,
    })
    const token = stringField(body, 'access_token')
    if (token === null) {
      if (status >= 500) throw unreachable(`HTTP ${status}`)
      throw new Auth0ClientRefusedError(stringField(body, 'error') ?? `HTTP ${status}`)
    }
    const scope = stringField(body, 'scope') ?? stringField(claimsOf(token), 'scope') ?? ''
    return { token, scopes: scope.split(' ').filter((name) => name !== '') }
  }
  const token = (): ReturnType<Auth0RawClient['token']> => (known ??= obtain())

  return {
    token,
    async call(method, path, body) {
      const authorization = `Bearer ${(await token()).token}`
      return request(new URL(`/api/v2/${path}`, base), method, body, { authorization })
    },
  }
}

async function request(
  url: URL,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Auth0Answer> {
  const answer = await orUnreachable(() =>
    boundedFetch(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    }),
  )
  if (answer.status === 429) throw rateLimited(answer.headers)
  const text = await orUnreachable(() => answer.text())
  return { status: answer.status, headers: answer.headers, body: parsed(text) }
}

async function orUnreachable<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw unreachable(cause instanceof Error ? cause.name : 'no answer', cause)
  }
}

function unreachable(answer: string, cause?: unknown): OutsideError {
  return new OutsideError('auth0-unreachable', `Auth0 does not answer: ${answer}`, {
    cause,
    detail: { answer },
  })
}

function rateLimited(headers: Headers): OutsideError {
  const retryAt = rateLimitResetAt([headers.get('x-ratelimit-reset'), headers.get('retry-after')], Date.now())
  return new OutsideError('auth0-rate-limited', 'Auth0: too many requests', { retryAt })
}

/** A proxy's error page is not JSON, and is classified by its status alone. */
function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function claimsOf(token: string): unknown {
  return parsed(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
}

export function stringField(value: unknown, name: string): string | null {
  if (typeof value !== 'object' || value === null) return null
  const found: unknown = Reflect.get(value, name)
  return typeof found === 'string' ? found : null
}
