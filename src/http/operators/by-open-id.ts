import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { OperatorAddress } from '../../config/operator-address.ts'
import type { Identify } from './identified.ts'
import { Refused } from './refused.ts'

const ANSWER_MS = 5_000
/** Signatures by a key pair: the issuer's public key must never serve as a shared secret. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const JWT = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() })

/**
 * By a token of an OpenID Connect issuer for this audience, sent as `authorization: Bearer …`. Its claim names an
 * operator of HOLDFAST_OPERATORS, who has the role given there. Throws where the issuer's keys cannot be read.
 */
export function byOpenId({ operators, openId }: Pick<OperatorAddress, 'operators' | 'openId'>): Identify {
  if (openId === null) return () => null
  const { issuer, audience, claim } = openId
  let keys: Promise<JWTVerifyGetKey> | null = null
  const keysOfIssuer = (): Promise<JWTVerifyGetKey> =>
    (keys ??= discoverKeys(issuer).catch((error: unknown) => {
      keys = null // the next request tries again
      throw error
    }))

  return async ({ header }) => {
    const [, token] = JWT.exec(header('authorization') ?? '') ?? []
    if (token === undefined) return null
    try {
      const { payload } = await jwtVerify(token, await keysOfIssuer(), {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp'],
      })
      const found = operators.find(({ name }) => name === payload[claim])
      return found === undefined ? null : { name: found.name, role: found.role }
    } catch (error) {
      if (isOfToken(error)) return null
      throw new Refused('sign-in-unavailable', null, { cause: error })
    }
  }
}

/** Whether the token itself is wrong: forged, expired, of another issuer or audience. */
function isOfToken(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC' // an answer of the issuer that is no key set
  )
}

async function discoverKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS),
  })
  if (!answer.ok) throw new Error(`the issuer answers ${answer.status}`)
  const found = Discovery.parse(await answer.json())
  if (found.issuer !== issuer) throw new Error('the issuer names another issuer')
  return createRemoteJWKSet(new URL(found.jwks_uri), { timeoutDuration: ANSWER_MS })
}
