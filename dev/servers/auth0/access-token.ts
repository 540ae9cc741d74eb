import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { NEEDED_SCOPES } from '../../../src/domain/atproto/auth0-scopes.ts'
import { ApiError } from './errors.ts'
import type { Auth0Options } from './tenant.ts'

/** All scopes that the routes of this stand-in require. */
export const allScopes = [
  'read:users',
  'create:users',
  'update:users',
  'delete:users',
  'create:user_tickets',
  'read:logs',
  'read:log_streams',
  'create:log_streams',
  'update:log_streams',
  'delete:log_streams',
  'read:stats',
] as const

export type Scope = (typeof allScopes)[number]

const grant = z.object({ exp: z.number(), scope: z.string() })

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const header = encode({ alg: 'HS256', typ: 'JWT' })

const sign = (content: string, secret: string) =>
  createHmac('sha256', secret).update(content).digest('base64url')

/**
 * A token is a signed JWT and no state is kept for it, so it survives a restart. Its times are those of the real clock.
 */
export function issueToken(options: Auth0Options): {
  access_token: string
  scope: string
  expires_in: number
} {
  const {
    tenant,
    clientId,
    clientSecret,
    scopes = [...NEEDED_SCOPES.keys()],
    tokenSeconds = 86_400,
  } = options
  const iat = Math.floor(Date.now() / 1000)
  const scope = scopes.join(' ')
  const jti = randomBytes(8).toString('hex')
  const claims = {
    iss: tenant,
    sub: `${clientId}@clients`,
    aud: `${tenant}/api/v2/`,
    iat,
    exp: iat + tokenSeconds,
    scope,
    jti,
  }
  const content = `${header}.${encode(claims)}`
  return { access_token: `${content}.${sign(content, clientSecret)}`, scope, expires_in: tokenSeconds }
}

const unauthorized = (message: string) => new ApiError(401, message, { attributes: { error: message } })

/** Returns the granted scopes. Throws the 401 for a missing, foreign or expired token. */
export function readToken(authorization: string | undefined, { clientSecret }: Auth0Options): Set<string> {
  const bearer = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
  if (bearer === undefined) throw unauthorized('Missing authentication')
  const [head = '', claims = '', signature = ''] = bearer.split('.')
  const expected = Buffer.from(sign(`${head}.${claims}`, clientSecret))
  const given = Buffer.from(signature)
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw unauthorized('Invalid token')
  const { exp, scope } = grant.parse(JSON.parse(Buffer.from(claims, 'base64url').toString()))
  if (Date.now() / 1000 >= exp) throw unauthorized('Expired token received for JSON Web Token validation')
  return new Set(scope.split(' '))
}
