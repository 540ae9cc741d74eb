import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig, type Env } from '../../src/config.ts'
import { loadAtprotoConfig } from '../../src/config/atproto/sections.ts'
import { hashOf } from '../../src/config/operators.ts'

const ANA = `ana:admin:${hashOf('token-of-ana').toString('hex')}`
const read = (env: Env) => loadConfig(['operatorAddress'], env).operatorAddress
const findings = (env: Env): readonly string[] => {
  try {
    read({ OPERATOR_PORT: '8789', ...env })
  } catch (error) {
    if (error instanceof ConfigError) return error.findings
    throw error
  }
  return []
}

describe('OPERATOR_PORT', () => {
  it('left out, leaves out the address', () => {
    expect(read({ HOLDFAST_OPERATORS: ANA })).toBeNull()
  })

  it('is on this machine alone until there are operators, then where HOST says', () => {
    expect(read({ OPERATOR_PORT: '8789' })).toMatchObject({ host: '127.0.0.1', operators: [] })
    expect(read({ OPERATOR_PORT: '8789', HOLDFAST_OPERATORS: ANA })).toMatchObject({ host: '0.0.0.0' })
    const one = { OPERATOR_PORT: '8789', HOLDFAST_OPERATOR_TOKEN: 'Zr8n2vQ0k5Lw7Tj1mXc4bY9s', HOST: '::1' }
    expect(read(one)).toMatchObject({ host: '::1', operators: [{ name: 'operator', role: 'admin' }] })
  })

  const PROXY = { HOLDFAST_OPERATORS: ANA, OPERATOR_HEADER: 'Remote-User', OPERATOR_PROXIES: '10.0.3.7' }
  const OIDC = {
    HOLDFAST_OPERATORS: ANA,
    OPERATOR_OIDC_ISSUER: 'https://login.example.com',
    OPERATOR_OIDC_AUDIENCE: 'holdfast',
  }
  it.each<[string, Env, RegExp]>([
    [
      'an issuer of tokens for any service',
      { ...OIDC, OPERATOR_OIDC_AUDIENCE: '' },
      /^OPERATOR_OIDC_AUDIENCE is/,
    ],
    ['an audience without its issuer', { ...OIDC, OPERATOR_OIDC_ISSUER: '' }, /^OPERATOR_OIDC_ISSUER is/],
    [
      'an issuer in clear',
      { ...OIDC, OPERATOR_OIDC_ISSUER: 'http://login.example.com' },
      /^OPERATOR_OIDC_ISSUER/,
    ],
    ['without operators, reached by others', { OPERATOR_HOST: '0.0.0.0' }, /^OPERATOR_HOST must be 127/],
    [
      'a header that could name the one admin of a token',
      { ...PROXY, HOLDFAST_OPERATORS: '', HOLDFAST_OPERATOR_TOKEN: 'Zr8n2vQ0k5Lw7Tj1mXc4bY9s' },
      /^HOLDFAST_OPERATORS is missing/,
    ],
    ['a header believed of everybody', { ...PROXY, OPERATOR_PROXIES: '' }, /^OPERATOR_PROXIES is missing/],
    ['a network of everybody', { ...PROXY, OPERATOR_PROXIES: '0.0.0.0/0' }, /^OPERATOR_PROXIES must list/],
    [
      'half of all networks',
      { ...PROXY, OPERATOR_PROXIES: '10.0.3.7,128.0.0.0/1' },
      /^OPERATOR_PROXIES must/,
    ],
    [
      'a wide network of IPv6',
      { ...PROXY, OPERATOR_PROXIES: '2001:db8::/32' },
      /^OPERATOR_PROXIES must list/,
    ],
    ['a name in place of an address', { ...PROXY, OPERATOR_PROXIES: 'proxy' }, /^OPERATOR_PROXIES must list/],
    ['an empty prefix', { ...PROXY, OPERATOR_PROXIES: '10.0.3.7/' }, /^OPERATOR_PROXIES must list/],
    ['proxies without their header', { ...PROXY, OPERATOR_HEADER: '' }, /^OPERATOR_HEADER is missing/],
    ['a header that browsers send', { ...PROXY, OPERATOR_HEADER: 'cookie' }, /^OPERATOR_HEADER must be/],
    ['people without a token or a sign-in', { HOLDFAST_OPERATORS: 'ana:admin:sso' }, /^OPERATOR_HEADER or/],
  ])('refuses %s', (_, env, finding) => {
    expect(findings(env)).toEqual([expect.stringMatching(finding)])
  })

  it('takes a proxy by address or network', () => {
    const { proxy } =
      read({ OPERATOR_PORT: '1', ...PROXY, OPERATOR_PROXIES: '10.0.3.7, 172.20.0.0/16, ::1' }) ?? {}
    const trusted = ['10.0.3.7', '172.20.9.9', '::ffff:172.20.9.9', '::1']
    expect(trusted.filter((address) => proxy?.isTrusted(address) !== true)).toEqual([])
    expect(['10.0.3.8', '172.21.0.1', '::2', ''].filter((address) => proxy?.isTrusted(address))).toEqual([])
  })

  it('shares no token with the log stream of a provider', () => {
    const token = 'Zr8n2vQ0k5Lw7Tj1mXc4bY9s'
    const both = { OPERATOR_PORT: '1', HOLDFAST_OPERATOR_TOKEN: token, AUTH0_ONE_LOG_TOKEN: token }
    expect(() => loadAtprotoConfig(['webhookTenants', 'operatorAddress'], both)).toThrow('must differ')
  })
})
