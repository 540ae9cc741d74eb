import type { TenantConfig } from '../config/tenants.ts'
import { OutsideError } from '../domain/outside-error.ts'

const ANSWER_MS = 10_000

export type Auth0Credentials = Pick<TenantConfig, 'domain' | 'clientId' | 'clientSecret'>

export interface Auth0Answer {
  readonly status: number
  readonly headers: Headers
  /** The JSON that was sent; null where there was none. */
  readonly body: unknown
}

/** The client itself was refused a token: its id, its secret, or its right to the Management API. */
export class Auth0ClientRefusedError extends Error {
  override readonly name = 'Auth0ClientRefusedError'
}

export interface Auth0Caller {
  /** A token and the scopes Auth0 put into it. Asked for once. Throws `Auth0ClientRefusedError`. */
  token(): Promise<{ readonly token: string; readonly scopes: readonly string[] }>
  /** One call of the Management API. A refusal is an answer here: scopes are what is looked at. */
  call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Auth0Answer>
}

/**
 * Auth0 asked plainly, its answers as they come: for a look at the configuration itself, where the SDK would hide
 * what was granted. Fails with `auth0-unreachable` and `auth0-rate-limited`.
 */
export function createAuth0Caller(tenant: Auth0Credentials): Auth0Caller {
  const base = tenant.domain.includes('://') ? new URL(tenant.domain).origin : `https://${tenant.domain}`
  let known: ReturnType<Auth0Caller['token']> | null = null

  const obtain = async () => {
    const { status, body } = await ask(new URL('/oauth/token', base), 'POST', {
      grant_type: 'client_credentials',
      client_id: tenant.clientId,
      client_secret: tenant.clientSecret,
      audience: `${base}/api/v2/`,
    })
    const token = stringIn(body, 'access_token')
    if (token === null) {
      if (status >= 500) throw unreachable(`HTTP ${status}`)
      throw new Auth0ClientRefusedError(stringIn(body, 'error') ?? `HTTP ${status}`)
    }
    const scope = stringIn(body, 'scope') ?? stringIn(claimsOf(token), 'scope') ?? ''
    return { token, scopes: scope.split(' ').filter((name) => name !== '') }
  }
  const token = (): ReturnType<Auth0Caller['token']> => (known ??= obtain())

  return {
    token,
    async call(method, path, body) {
      const authorization = `Bearer ${(await token()).token}`
      return ask(new URL(`/api/v2/${path}`, base), method, body, { authorization })
    },
  }
}

async function ask(
  url: URL,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Auth0Answer> {
  const answer = await answered(() =>
    fetch(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    }),
  )
  if (answer.status === 429) throw limited(answer.headers)
  const text = await answered(() => answer.text())
  return { status: answer.status, headers: answer.headers, body: parsed(text) }
}

async function answered<T>(run: () => Promise<T>): Promise<T> {
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

function limited(headers: Headers): OutsideError {
  const reset = Number(headers.get('x-ratelimit-reset'))
  const retryAt = new Date(reset > 0 ? reset * 1_000 : Date.now() + 60_000)
  return new OutsideError('auth0-rate-limited', 'Auth0: too many requests', { retryAt })
}

/** A proxy's error page is no JSON, and is told by its status alone. */
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

export function stringIn(value: unknown, name: string): string | null {
  if (typeof value !== 'object' || value === null) return null
  const found: unknown = Reflect.get(value, name)
  return typeof found === 'string' ? found : null
}
