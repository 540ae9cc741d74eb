import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import type { z } from 'zod'
import type { Scope } from './access-token.ts'
import { readToken } from './access-token.ts'
import { ApiError, badBody, badQuery } from './errors.ts'
import type { ApiCall, Caller } from './logs/entries.ts'
import type { Bucket } from './rate-limits.ts'
import type { Tenant } from './tenant.ts'

export type Env = { Bindings: HttpBindings }
export type App = Hono<Env>
export type Ctx = Context<Env>

export const newApp = (): App => new Hono<Env>()

/** Loopback addresses would be rewritten anyway; only the presence of the fields matters. */
export const callerOf = (c: Ctx, clientId: string): Caller => ({
  ip: '127.0.0.1',
  userAgent: c.req.header('user-agent') ?? 'unknown',
  clientId,
})

export const callOf = (c: Ctx, tenant: Tenant, body?: unknown): ApiCall => ({
  method: c.req.method,
  path: new URL(c.req.url).pathname,
  query: c.req.query(),
  body,
  caller: callerOf(c, tenant.options.clientId),
})

/** The middleware of every call of the Management API: checks token, scope and rate limit, in this order. */
export function authorized(tenant: Tenant, bucket: Bucket, ...scopes: Scope[]): MiddlewareHandler<Env> {
  return async (c, next) => {
    const granted = readToken(c.req.header('authorization'), tenant.options)
    if (!scopes.some((scope) => granted.has(scope))) {
      throw new ApiError(403, `Insufficient scope, expected any of: ${scopes.join(',')}`, {
        errorCode: 'insufficient_scope',
      })
    }
    const { limit, remaining, reset, exceeded } = tenant.limits.take(bucket)
    const fault = tenant.faults.takeForCall('apiError', c.req.method, new URL(c.req.url).pathname)
    const limited = exceeded || fault?.status === 429
    c.header('x-ratelimit-limit', String(limit))
    c.header('x-ratelimit-remaining', String(limited ? 0 : remaining))
    const ahead = fault?.resetSeconds
    c.header('x-ratelimit-reset', String(ahead === undefined ? reset : Math.ceil(Date.now() / 1000) + ahead))
    if (limited) {
      throw new ApiError(429, 'Global limit has been reached', { errorCode: 'too_many_requests' })
    }
    if (fault) throw new ApiError(fault.status, 'An internal server error occurred')
    await next()
  }
}

const problem = ({ issues }: z.ZodError) => {
  const [issue] = issues
  return issue ? `${issue.message} on property ${issue.path.join('.') || '(root)'}` : 'invalid'
}

/** The JSON body in the given shape. Throws Auth0's 400. */
export async function readBody<T>(c: Ctx, shape: z.ZodType<T>): Promise<T> {
  const text = await c.req.text()
  const parsed = shape.safeParse(text === '' ? {} : parseJson(text))
  if (!parsed.success) throw badBody(problem(parsed.error))
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badBody('Invalid request payload JSON format')
  }
}

/** The query string in the given shape. Throws Auth0's 400. */
export function readQuery<T>(c: Ctx, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(c.req.query())
  if (!parsed.success) throw badQuery(problem(parsed.error))
  return parsed.data
}
