import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ConfigError, type Env } from '../../src/config.ts'
import { loadAtprotoConfig, type AtprotoSection } from '../../src/config/atproto/sections.ts'

const key = (bytes = 32): string => randomBytes(bytes).toString('base64')

const whole: Record<string, string> = {
  TEMPORAL_ADDRESS: 'temporal.example.test:7233',
  MONGODB_URI: 'mongodb://mongo.example.test:27017/?replicaSet=rs0',
  MONGODB_DB: 'app',
  AUTH0_AESTHETIC_DOMAIN: 'aesthetic.example.test',
  AUTH0_AESTHETIC_CLIENT_ID: 'client',
  AUTH0_AESTHETIC_CLIENT_SECRET: 'client-secret',
  AUTH0_AESTHETIC_LOG_TOKEN: 'log-token-of-some-length',
  PDS_URL: 'https://pds.example.test/',
  PDS_ADMIN_PASSWORD: 'admin-password',
  PDS_HANDLE_DOMAIN: '.at.example.test',
  PDS_PASSWORD_STORAGE: 'sealed',
  HOLDFAST_KEY: `first:${key()}`,
  HOLDFAST_ID_KEY: key(),
  HOLDFAST_OPERATOR_TOKEN: 'operator-token-of-some-length',
}
const ALL: AtprotoSection[] = [
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

function findings(change: Env, sections: readonly AtprotoSection[] = ALL): readonly string[] {
  try {
    loadAtprotoConfig(sections, { ...whole, ...change })
  } catch (error) {
    if (error instanceof ConfigError) return error.findings
    throw error
  }
  return []
}

describe('the environment', () => {
  it('is enough with what has no default', () => {
    const config = loadAtprotoConfig(ALL, whole)
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
        logTokens: ['log-token-of-some-length'],
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
      'HOLDFAST_KEY must be <id>:<base64 of 32 bytes>, with older keys after commas',
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
      loadAtprotoConfig(['pds'], { ...whole, PDS_STEPS_PER_SECOND: value }).pds.stepsPerSecond
    expect([rate('0.3'), rate()]).toEqual([0.3, 50])
  })

  it.each(['0', '-1', 'fast'])('is refused as %s', (value) => {
    expect(findings({ PDS_STEPS_PER_SECOND: value })).toHaveLength(1)
  })
})

describe('PDS_PASSWORD_STORAGE', () => {
  it('has no default, and says what it is for', () => {
    expect(findings({ PDS_PASSWORD_STORAGE: undefined })).toEqual([
      'PDS_PASSWORD_STORAGE is missing: it must be plain (users.atproto.password is stored as the application reads it today) or sealed (it is encrypted)',
    ])
  })

  it.each(['Plain', 'hashed', 'true'])('does not take %s', (value) => {
    expect(findings({ PDS_PASSWORD_STORAGE: value })[0]).toMatch(/^PDS_PASSWORD_STORAGE must be plain \(/)
  })
})

describe('HOLDFAST_SYSTEMS', () => {
  it('names the unknown ones, and what there is', () => {
    expect(findings({ HOLDFAST_SYSTEMS: 'atproto, mastodon,medusa' })).toEqual([
      'HOLDFAST_SYSTEMS must contain only atproto, supabase, medusa; unknown: mastodon',
    ])
  })

  it('takes several, with spaces, each once', () => {
    const env = { ...whole, HOLDFAST_SYSTEMS: 'medusa, atproto ,medusa' }
    expect(loadAtprotoConfig(['systems'], env).systems).toEqual(['atproto', 'medusa'])
  })
})

describe('the keys', () => {
  it('are several, of which the first writes', () => {
    const env = { ...whole, HOLDFAST_KEY: `new:${key()}, old:${key()}` }
    expect(loadAtprotoConfig(['keys'], env).keys.sealing.map(({ id }) => id)).toEqual(['new', 'old'])
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

describe('HOLDFAST_ADOPT_BEFORE', () => {
  it('is nothing unless set, and a day or a time that has passed', () => {
    const dateOf = (HOLDFAST_ADOPT_BEFORE?: string) =>
      loadAtprotoConfig(['pds'], { ...whole, HOLDFAST_ADOPT_BEFORE }).pds.adoptBefore
    expect(dateOf()).toBeNull()
    expect(dateOf('2026-01-31')).toEqual(new Date('2026-01-31T00:00:00Z'))
    expect(dateOf('2026-01-31T12:00:00+01:00')).toEqual(new Date('2026-01-31T11:00:00Z'))
  })

  it.each(['yesterday', '31.01.2026', '2026-13-01', '2026', '2999-01-01'])('may not be %s', (value) => {
    expect(findings({ HOLDFAST_ADOPT_BEFORE: value })[0]).toMatch(/^HOLDFAST_ADOPT_BEFORE must be a date/)
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

describe('HOLDFAST_DOCS_URL', () => {
  it('is the folder in a checkout where it is not set', () => {
    expect(loadAtprotoConfig(['docs'], {}).docs.url).toBe('docs')
  })

  it('loses the slash at its end', () => {
    const env = { HOLDFAST_DOCS_URL: 'http://wiki.internal.example.com/holdfast/docs/' }
    expect(loadAtprotoConfig(['docs'], env).docs.url).toBe('http://wiki.internal.example.com/holdfast/docs')
  })

  it('is not a path', () => {
    expect(() => loadAtprotoConfig(['docs'], { HOLDFAST_DOCS_URL: '/docs' })).toThrow(
      'HOLDFAST_DOCS_URL must be a URL that begins with http:// or https://',
    )
  })
})

describe('MONGODB_URI', () => {
  it.each([
    'mongodb://a.example.test:27017,b.example.test:27017/?replicaSet=rs0',
    'mongodb+srv://cluster.example.test/?retryWrites=true',
  ])('may be what the driver takes: %s', (uri) => {
    expect(loadAtprotoConfig(['mongo'], { MONGODB_URI: uri, MONGODB_DB: 'app' }).mongo.uri).toBe(uri)
  })
})

describe('X6: a weak setting', () => {
  const constant = Buffer.alloc(32).toString('base64')
  const pattern = Buffer.from('abcdefgh'.repeat(4)).toString('base64')

  it('is refused at start, all of them at once', () => {
    const weak: Env = {
      TEMPORAL_UI_URL: 'localhost:8233',
      AUTH0_AESTHETIC_DOMAIN: 'http://tenant.example.com',
      AUTH0_AESTHETIC_LOG_TOKEN: 'x',
      PDS_URL: 'http://pds.example.com',
      HOLDFAST_KEY: `a:${constant}`,
      HOLDFAST_ID_KEY: pattern,
      HOLDFAST_OPERATOR_TOKEN: 'a'.repeat(16),
      HOLDFAST_ALERT_URL: 'http://hooks.example.com/token',
      HOLDFAST_URL: 'http://holdfast.example.com',
    }
    const found = findings(weak, [...ALL, 'url'])
    expect(new Set(found.map((finding) => finding.split(' ')[0]))).toEqual(new Set(Object.keys(weak)))
    expect(found.join('\n')).not.toContain(constant)
  })

  it.each([
    ['key for the id key', { HOLDFAST_KEY: `a:${whole['HOLDFAST_ID_KEY']}` }],
    [
      'log token for two tenants',
      {
        AUTH0_SOTCE_DOMAIN: 'sotce.example.test',
        AUTH0_SOTCE_CLIENT_ID: 'client',
        AUTH0_SOTCE_CLIENT_SECRET: 'another-client-secret',
        AUTH0_SOTCE_LOG_TOKEN: whole['AUTH0_AESTHETIC_LOG_TOKEN'],
        AUTH0_SOTCE_ID_PREFIX: 'sotce-',
      },
    ],
    [
      'token for log stream and operator',
      {
        AUTH0_AESTHETIC_LOG_TOKEN: whole['HOLDFAST_OPERATOR_TOKEN'],
      },
    ],
  ])('is the same %s', (_, change) => {
    const found = findings(change)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^(?:HOLDFAST|AUTH0)_\S+ .*must differ/)
  })

  it('is the same key twice under two ids', () => {
    const same = key()
    expect(findings({ HOLDFAST_KEY: `a:${same},b:${same}` })).toHaveLength(1)
  })

  it.each([
    'http://localhost:3000',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
    'http://pds:3000',
    'https://pds.example.com',
  ])('is not the address %s', (url) => {
    expect(findings({ PDS_URL: url })).toEqual([])
  })

  it.each([
    'http://10.0.0.5:3000',
    'http://pds.internal',
    'http://[fd00::1]:3000',
    'http://localhost.example.com',
  ])('is the address %s, at which everything is sent in clear', (url) => {
    expect(findings({ PDS_URL: url })).toEqual([
      'PDS_URL must begin with https://, unless its host is this machine or a name without dots',
    ])
  })

  it.each([
    ['TEMPORAL_UI_URL', 'ui.internal'],
    ['TEMPORAL_ADDRESS', 'temporal:7233/namespace'],
    ['AUTH0_AESTHETIC_DOMAIN', 'ftp://tenant.example.com'],
    ['AUTH0_AESTHETIC_DOMAIN', 'tenant.example.com/path'],
    ['PDS_HANDLE_DOMAIN', 'at.example.test'],
    ['MONGODB_URI', 'mongodb://'],
    ['MONGODB_URI', 'mongodb://user:p%zz@mongo.example.test'],
  ])('is %s=%s, which does not parse', (name, value) => {
    expect(findings({ [name]: value })).toHaveLength(1)
    expect(findings({ [name]: value })[0]).toMatch(new RegExp(`^${name} must `))
  })
})

describe('X5: AUTH0_<TENANT>_LOG_TOKEN', () => {
  it('may be several, while one replaces another', () => {
    const env = { ...whole, AUTH0_AESTHETIC_LOG_TOKEN: 'the-one-in-use-now, the-one-to-come-next' }
    expect(loadAtprotoConfig(['tenants'], env).tenants[0]?.logTokens).toEqual([
      'the-one-in-use-now',
      'the-one-to-come-next',
    ])
  })

  it('is refused where one of several is weak', () => {
    expect(findings({ AUTH0_AESTHETIC_LOG_TOKEN: 'the-one-in-use-now,x' })).toHaveLength(1)
  })
})
