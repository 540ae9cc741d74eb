import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readOperatorAddress } from '../../../src/config/operator-address.ts'
import { identifyBy } from '../../../src/http/operators/identify.ts'
import type { Identify } from '../../../src/http/operators/identified.ts'
import { Refused } from '../../../src/http/operators/refused.ts'

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey']

/** An issuer with one published key. */
let issuer = ''
let isAway = false
let key: PrivateKey
let stranger: PrivateKey
let identify: Identify
const server = createServer((request, response) => {
  const body: unknown = request.url === '/keys' ? keys : { issuer, jwks_uri: `${issuer}/keys` }
  response.writeHead(isAway ? 503 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
})
let keys: unknown

beforeAll(async () => {
  const pair = await generateKeyPair('ES256')
  key = pair.privateKey
  stranger = (await generateKeyPair('ES256')).privateKey
  keys = { keys: [{ ...(await exportJWK(pair.publicKey)), alg: 'ES256', kid: 'one' }] }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  identify = newIdentify()
})
afterAll(() => server.close())

function newIdentify(): Identify {
  const address = readOperatorAddress({
    OPERATOR_PORT: '1',
    HOLDFAST_OPERATORS: 'ana:admin:sso,ben:viewer:sso',
    OPERATOR_OIDC_ISSUER: issuer,
    OPERATOR_OIDC_AUDIENCE: 'holdfast',
  })
  if (address === null) throw new Error('it has a port')
  return identifyBy(address)
}

interface Token {
  readonly claims?: Record<string, unknown>
  readonly audience?: string
  readonly from?: string
  readonly expires?: string
  readonly by?: PrivateKey
}

async function asked({ claims, audience, from, expires, by }: Token, how = identify) {
  const token = new SignJWT(claims ?? { preferred_username: 'ben' })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(from ?? issuer)
    .setAudience(audience ?? 'holdfast')
  const signed = await (expires === '' ? token : token.setExpirationTime(expires ?? '5m')).sign(by ?? key)
  return how({ header: (name) => (name === 'authorization' ? `Bearer ${signed}` : undefined), peer: null })
}

describe('OpenID Connect', () => {
  it('identifies the operator whom the claim names, with the role of HOLDFAST_OPERATORS', async () => {
    expect(await asked({})).toEqual({ name: 'ben', role: 'viewer' })
    const claims = { preferred_username: 'ana', role: 'viewer' }
    expect(await asked({ claims })).toEqual({ name: 'ana', role: 'admin' })
  })

  it.each<[string, () => Token]>([
    ['for another service', () => ({ audience: 'another' })],
    ['of another issuer', () => ({ from: 'https://evil.example' })],
    ['that has expired', () => ({ expires: '-1m' })],
    ['that never expires', () => ({ expires: '' })],
    ['signed by another key', () => ({ by: stranger })],
    ['of a person who is no operator', () => ({ claims: { preferred_username: 'eve' } })],
    ['without the claim', () => ({ claims: { sub: 'ana' } })],
    ['whose claim is no text', () => ({ claims: { preferred_username: ['ana'] } })],
  ])('refuses a token %s', async (_, token) => {
    expect(await asked(token())).toBeNull()
  })

  it('refuses a token without a signature', async () => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { iss: issuer, aud: 'holdfast', exp: 4_102_444_800, preferred_username: 'ana' }
    const token = `${part({ alg: 'none' })}.${part(claims)}.AA`
    expect(await identify({ header: () => `Bearer ${token}`, peer: null })).toBeNull()
  })

  it('says that the issuer is away, and accepts the token once it is back', async () => {
    const fresh = newIdentify()
    isAway = true
    await expect(asked({}, fresh)).rejects.toThrow(Refused)
    isAway = false
    expect(await asked({}, fresh)).toEqual({ name: 'ben', role: 'viewer' })
  })
})
