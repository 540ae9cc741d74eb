import { describe, expect, it } from 'vitest'
import { ConfigError, type Env } from '../../../src/config.ts'
import { loadAtprotoConfig } from '../../../src/config/atproto/sections.ts'
import { tenantOfIdentity } from '../../../src/config/atproto/tenants.ts'

const tenant = (name: string, prefix?: string): Env => ({
  [`AUTH0_${name}_DOMAIN`]: `${name.toLowerCase()}.example.test`,
  [`AUTH0_${name}_CLIENT_ID`]: 'client',
  [`AUTH0_${name}_CLIENT_SECRET`]: 'secret',
  [`AUTH0_${name}_LOG_TOKEN`]: `token of the tenant ${name}`,
  ...(prefix === undefined ? {} : { [`AUTH0_${name}_ID_PREFIX`]: prefix }),
})
const two = { ...tenant('AESTHETIC', ''), ...tenant('SOTCE', 'sotce-') }

describe('two tenants', () => {
  it('are told apart by the prefix of their identities', () => {
    const { tenants } = loadAtprotoConfig(['tenants'], two)
    expect(tenants.map(({ name, idPrefix }) => [name, idPrefix])).toEqual([
      ['aesthetic', ''],
      ['sotce', 'sotce-'],
    ])
    expect(tenantOfIdentity(tenants, 'sotce-auth0|1')?.name).toBe('sotce')
    expect(tenantOfIdentity(tenants, 'auth0|1')?.name).toBe('aesthetic')
  })

  it.each([
    ['empty', tenant('AESTHETIC'), tenant('SOTCE')],
    ['given twice', tenant('AESTHETIC', 'x-'), tenant('SOTCE', 'x-')],
  ])('with the same prefix (%s) are refused', (_, one, other) => {
    expect(() => loadAtprotoConfig(['tenants'], { ...one, ...other })).toThrow(
      /AUTH0_<TENANT>_ID_PREFIX must differ/,
    )
  })

  it('are both complained of at once', () => {
    const env = { ...two, AUTH0_AESTHETIC_LOG_TOKEN: '', AUTH0_SOTCE_CLIENT_ID: '' }
    const load = (): unknown => loadAtprotoConfig(['tenants'], env)
    expect(load).toThrow(ConfigError)
    expect(load).toThrow(/AUTH0_AESTHETIC_LOG_TOKEN is missing\n\s+AUTH0_SOTCE_CLIENT_ID is missing/)
  })

  it('are read where a name has an underscore, and complained of where a domain is missing', () => {
    const env: Env = { ...tenant('MY_SHOP'), ...tenant('SOTCE', 'sotce-'), AUTH0_SOTCE_DOMAIN: '' }
    expect(() => loadAtprotoConfig(['tenants'], env)).toThrow(/AUTH0_SOTCE_DOMAIN is missing/)
    expect(loadAtprotoConfig(['tenants'], tenant('MY_SHOP')).tenants.map(({ name }) => name)).toEqual([
      'my_shop',
    ])
  })

  it('give their names to a command that has none of their secrets', () => {
    const env = { AUTH0_AESTHETIC_DOMAIN: 'a.example.test', AUTH0_SOTCE_DOMAIN: 's.example.test' }
    expect(
      loadAtprotoConfig(['tenantNames'], { ...env, AUTH0_SOTCE_ID_PREFIX: 'sotce-' }).tenantNames,
    ).toEqual([
      { name: 'aesthetic', idPrefix: '' },
      { name: 'sotce', idPrefix: 'sotce-' },
    ])
  })
})

describe('an identity', () => {
  it('belongs to the longest prefix that fits, in whatever order the tenants stand', () => {
    const tenants = ['', 'sotce-', 'sotce-labs-'].map((idPrefix) => ({ name: idPrefix, idPrefix }))
    for (const order of [tenants, tenants.toReversed()]) {
      expect(tenantOfIdentity(order, 'sotce-labs-auth0|1')?.idPrefix).toBe('sotce-labs-')
      expect(tenantOfIdentity(order, 'sotce-auth0|1')?.idPrefix).toBe('sotce-')
      expect(tenantOfIdentity(order, 'google-oauth2|1')?.idPrefix).toBe('')
    }
  })

  it('belongs to nobody where every tenant has another prefix', () => {
    expect(tenantOfIdentity([{ name: 'sotce', idPrefix: 'sotce-' }], 'auth0|1')).toBeUndefined()
  })
})
