import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ConfigError, loadConfig, type Env, type Section } from '../../src/config.ts'

const key = (bytes = 32): string => randomBytes(bytes).toString('base64')

const whole: Record<string, string> = {
  TEMPORAL_ADDRESS: 'temporal.example.test:7233',
  MONGODB_URI: 'mongodb://mongo.example.test:27017/?replicaSet=rs0',
  MONGODB_DB: 'app',
  AUTH0_AESTHETIC_DOMAIN: 'aesthetic.example.test',
  AUTH0_AESTHETIC_CLIENT_ID: 'client',
  AUTH0_AESTHETIC_CLIENT_SECRET: 'client-secret',
  AUTH0_AESTHETIC_LOG_TOKEN: 'log-token',
  PDS_URL: 'https://pds.example.test/',
  PDS_ADMIN_PASSWORD: 'admin-password',
  PDS_HANDLE_DOMAIN: '.at.example.test',
  PDS_PASSWORD_STORAGE: 'sealed',
  HOLDFAST_KEY: `first:${key()}`,
  HOLDFAST_ID_KEY: key(),
  HOLDFAST_OPERATOR_TOKEN: 'operator-token-of-some-length',
}
const ALL: Section[] = [
  'temporal',
  'systems',
  'mongo',
  'tenants',
  'tenantNames',
  'pds',
  'keys',
  'mode',
  'operator',
  'http',
  'signup',
  'build',
  'alerts',
]

function findings(change: Env, sections: readonly Section[] = ALL): readonly string[] {
  try {
    loadConfig(sections, { ...whole, ...change })
  } catch (error) {
    if (error instanceof ConfigError) return error.findings
    throw error
  }
  return []
}

describe('the environment', () => {
  it('is enough with what has no default', () => {
    const config = loadConfig(ALL, whole)
    expect(config.systems).toEqual(['atproto'])
    expect(config.signup.waitDays).toBe(60)
    expect(config.http).toEqual({ port: 8787, host: '0.0.0.0' })
    expect(config.pds.url).toBe('https://pds.example.test')
    expect(config.tenants).toEqual([
      {
        name: 'aesthetic',
        domain: 'aesthetic.example.test',
        clientId: 'client',
        clientSecret: 'client-secret',
        logToken: 'log-token',
        idPrefix: '',
      },
    ])
  })

  it('that is empty is told everything it lacks, at once', () => {
    const nothing = Object.fromEntries(Object.keys(whole).map((name) => [name, undefined]))
    expect(new Set(findings(nothing).map((finding) => finding.split(' ')[0]))).toEqual(
      new Set([
        'AUTH0_<TENANT>_DOMAIN',
        'HOLDFAST_ID_KEY',
        'HOLDFAST_KEY',
        'HOLDFAST_OPERATOR_TOKEN',
        'MONGODB_DB',
        'MONGODB_URI',
        'PDS_ADMIN_PASSWORD',
        'PDS_HANDLE_DOMAIN',
        'PDS_PASSWORD_STORAGE',
        'PDS_URL',
      ]),
    )
  })

  it('is told missing and malformed ones together, in one message that gives no secret away', () => {
    const change = {
      MONGODB_URI: 'postgres://user:hunter2@db.example.test',
      PDS_URL: 'pds.example.test',
      HOLDFAST_KEY: `first:${key(31)}`,
      AUTH0_AESTHETIC_CLIENT_SECRET: undefined,
      PORT: 'http',
      HOLDFAST_WAIT_DAYS: '0',
    }
    const found = findings(change)
    expect(found).toEqual([
      'MONGODB_URI must begin with mongodb:// or mongodb+srv:// and name a host',
      'AUTH0_AESTHETIC_CLIENT_SECRET is missing',
      'PDS_URL must be a URL that begins with http:// or https://',
      'HOLDFAST_KEY must be <id>:<base64 of 32 bytes>, older keys after commas',
      'PORT must be a port',
      'HOLDFAST_WAIT_DAYS must be more than 0 days',
    ])
    const message = new ConfigError(found).message
    expect(message).not.toContain('hunter2')
    expect(message).not.toContain(change.HOLDFAST_KEY)
    for (const finding of found) expect(message).toContain(finding)
  })

  it.each(Object.keys(whole).filter((name) => name !== 'TEMPORAL_ADDRESS'))(
    'in which %s is empty is one in which it is absent',
    (name) => {
      expect(findings({ [name]: '' })).toEqual(findings({ [name]: undefined }))
      expect(findings({ [name]: '' })).toHaveLength(1)
    },
  )

  it('is asked for what a command needs, and for no more', () => {
    expect(findings({ ...whole, PDS_URL: '', MONGODB_URI: '' }, ['temporal', 'keys'])).toEqual([])
    expect(findings({ AUTH0_AESTHETIC_CLIENT_SECRET: '' }, ['tenantNames'])).toEqual([])
  })
})

describe('PDS_STEPS_PER_SECOND', () => {
  it('may be a fraction, and is no limit to a PDS that has none when left out', () => {
    const rate = (value?: string) =>
      loadConfig(['pds'], { ...whole, PDS_STEPS_PER_SECOND: value }).pds.stepsPerSecond
    expect([rate('0.3'), rate()]).toEqual([0.3, 50])
  })

  it.each(['0', '-1', 'fast'])('is refused as %s', (value) => {
    expect(findings({ PDS_STEPS_PER_SECOND: value })).toHaveLength(1)
  })
})

describe('PDS_PASSWORD_STORAGE', () => {
  it('has no default, and says what it is for', () => {
    expect(findings({ PDS_PASSWORD_STORAGE: undefined })).toEqual([
      'PDS_PASSWORD_STORAGE is missing: it must say how users.atproto.password is stored: plain (as the application reads it today) or sealed',
    ])
  })

  it.each(['Plain', 'hashed', 'true'])('does not take %s', (value) => {
    expect(findings({ PDS_PASSWORD_STORAGE: value })[0]).toMatch(/^PDS_PASSWORD_STORAGE must say how/)
  })
})

describe('HOLDFAST_SYSTEMS', () => {
  it('names the unknown ones, and what there is', () => {
    expect(findings({ HOLDFAST_SYSTEMS: 'atproto, mastodon,medusa' })).toEqual([
      'HOLDFAST_SYSTEMS must be some of atproto, supabase, medusa; unknown: mastodon',
    ])
  })

  it('takes several, with spaces, each once', () => {
    const env = { ...whole, HOLDFAST_SYSTEMS: 'medusa, atproto ,medusa' }
    expect(loadConfig(['systems'], env).systems).toEqual(['atproto', 'medusa'])
  })
})

describe('the keys', () => {
  it('are several, of which the first writes', () => {
    const env = { ...whole, HOLDFAST_KEY: `new:${key()}, old:${key()}` }
    expect(loadConfig(['keys'], env).keys.sealing.map(({ id }) => id)).toEqual(['new', 'old'])
  })

  it.each([
    ['of 31 bytes', `a:${key(31)}`],
    ['of 33 bytes', `a:${key(33)}`],
    ['without an id', key()],
    ['with an id that a sealed value cannot carry', `a.b:${key()}`],
    ['of which one of two is short', `a:${key()},b:${key(16)}`],
    ['with nothing after the comma', `a:${key()},`],
    ['two of which have one id', `a:${key()},a:${key()}`],
  ])('are not any %s', (_, value) => {
    expect(findings({ HOLDFAST_KEY: value })).toHaveLength(1)
    expect(findings({ HOLDFAST_KEY: value })[0]).toMatch(/^HOLDFAST_KEY must /)
  })

  it.each([31, 33, 16])('for ids are not of %i bytes', (bytes) => {
    expect(findings({ HOLDFAST_ID_KEY: key(bytes) })).toEqual([
      'HOLDFAST_ID_KEY must be the base64 of 32 bytes',
    ])
  })
})

describe('HOLDFAST_WAIT_DAYS and PORT', () => {
  it.each(['0', '-1', 'soon', 'Infinity', 'NaN'])('a wait is not %s', (value) => {
    expect(findings({ HOLDFAST_WAIT_DAYS: value })[0]).toMatch(/^HOLDFAST_WAIT_DAYS must /)
  })

  it.each(['-1', '65536', '80.5', 'http'])('a port is not %s', (value) => {
    expect(findings({ PORT: value })[0]).toMatch(/^PORT /)
  })
})

describe('MONGODB_URI', () => {
  it.each([
    'mongodb://a.example.test:27017,b.example.test:27017/?replicaSet=rs0',
    'mongodb+srv://cluster.example.test/?retryWrites=true',
  ])('may be what the driver takes: %s', (uri) => {
    expect(loadConfig(['mongo'], { MONGODB_URI: uri, MONGODB_DB: 'app' }).mongo.uri).toBe(uri)
  })
})
