import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openCheckContext } from '../../src/checks/context.ts'
import { createRedactor } from '../../src/checks/redact.ts'
import { ConfigError } from '../../src/config.ts'
import { loadAtprotoConfig } from '../../src/config/atproto/sections.ts'
import { knownSettings } from '../../src/config/fingerprints.ts'
import { atproto } from '../../src/systems/atproto.ts'
import { atprotoContext } from '../../src/checks/atproto/context.ts'

const directory = mkdtempSync(join(tmpdir(), 'secrets-'))
afterAll(() => rmSync(directory, { recursive: true }))
const file = (name: string, content: string): string => {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

describe('a secret from a file', () => {
  it('is read without the line end that an editor leaves', () => {
    const env = { MONGODB_URI_FILE: file('uri', 'mongodb://mongo:27017\n'), MONGODB_DB: 'app' }
    expect(loadAtprotoConfig(['mongo'], env).mongo.uri).toBe('mongodb://mongo:27017')
  })

  it('is told to be missing, or given twice, all of them at once and never what it says', () => {
    const env = {
      MONGODB_URI: 'mongodb://mongo:27017',
      MONGODB_URI_FILE: file('canary', 'canary'),
      HOLDFAST_KEY_FILE: join(directory, 'nowhere'),
    }
    const load = (): unknown => loadAtprotoConfig(['mongo', 'keys'], env)
    expect(load).toThrow(ConfigError)
    expect(load).toThrow(
      /MONGODB_URI and MONGODB_URI_FILE must not both be set.*\n.*HOLDFAST_KEY_FILE names a file that cannot be read \(ENOENT\)/,
    )
    expect(load).not.toThrow(/canary/)
  })

  it('leaves variables alone that are settings of their own', () => {
    expect(() =>
      loadAtprotoConfig(['mode'], { TEMPORAL_CONFIG_FILE: join(directory, 'nowhere') }),
    ).not.toThrow()
  })
})

describe('secrets from files, for the commands that look at the configuration', () => {
  const tenant = (name: string) => ({
    [`AUTH0_${name}_DOMAIN`]: `${name.toLowerCase()}.example`,
    [`AUTH0_${name}_CLIENT_ID`]: 'client',
    [`AUTH0_${name}_CLIENT_SECRET_FILE`]: file(`${name}-secret`, `the secret of ${name}\n`),
    [`AUTH0_${name}_LOG_TOKEN_FILE`]: file(`${name}-token`, `the log token of ${name}\n`),
    [`AUTH0_${name}_ID_PREFIX`]: `${name}-`,
  })
  const keys = {
    HOLDFAST_KEY: `k1:${Buffer.from('the key that seals, of 32 bytes.').toString('base64')}`,
    HOLDFAST_ID_KEY: Buffer.from('the key that hashes, of 32 bytes').toString('base64'),
  }
  const filesOf = (variables: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [`${name}_FILE`, file(name, `${value}\n`)]),
    )

  it('are found for each of two tenants, whatever the other lacks', () => {
    const env = {
      ...tenant('ONE'),
      ...tenant('TWO'),
      AUTH0_TWO_LOG_TOKEN_FILE: file('TWO-token', 'the log token of TWO'),
    }
    const context = atprotoContext(openCheckContext(atproto, env))
    expect(context.tenantNames()).toEqual(['one', 'two'])
    expect(context.tenant('one')).toMatchObject({ clientSecret: 'the secret of ONE' })
    expect(context.tenant('two')).toMatchObject({ logTokens: ['the log token of TWO'] })

    const broken = { ...env, AUTH0_TWO_LOG_TOKEN_FILE: join(directory, 'nowhere') }
    expect(() => atprotoContext(openCheckContext(atproto, broken)).tenant('two')).toThrow(
      'AUTH0_TWO_LOG_TOKEN_FILE names a file',
    )
  })

  const NO_OWN = { state: atproto.state, settings: () => ({}) }

  it('are compared with those of the workers as values of the environment are', () => {
    const plain = knownSettings(keys, NO_OWN)
    expect(Object.keys(plain)).toContain('HOLDFAST_KEY')
    expect(knownSettings(openCheckContext(atproto, filesOf(keys)).env, NO_OWN)).toEqual(plain)
  })

  it('are taken out of a report', () => {
    const env = { ...tenant('ONE'), ...filesOf({ MONGODB_URI: 'mongodb://app:pass-of-mongo@mongo:27017' }) }
    const redact = createRedactor(openCheckContext(atproto, env).env)
    expect(redact('the log token of ONE, the secret of ONE, pass-of-mongo')).toBe(
      '[redacted], [redacted], [redacted]',
    )
  })

  it('leave the reports on a configuration with a file that cannot be read', () => {
    const context = openCheckContext(atproto, {
      ...keys,
      ...tenant('ONE'),
      MONGODB_URI_FILE: join(directory, 'nowhere'),
    })
    expect(() => context.section('mongo')).toThrow('MONGODB_URI_FILE names a file that cannot be read')
    const own = atproto.settings(context.env)
    expect(Object.keys(own)).toEqual(expect.arrayContaining(['PDS_URL', 'AUTH0_ONE_CLIENT_SECRET']))
    expect(Object.keys(knownSettings(context.env, atproto))).toEqual(
      expect.arrayContaining([...Object.keys(keys), 'AUTH0_ONE_CLIENT_SECRET']),
    )
  })
})
