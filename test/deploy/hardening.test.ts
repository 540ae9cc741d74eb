import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { composeWith, environmentOf, serviceOf, type Service } from './compose.ts'
import { exampleVariables, filledExample } from './env-example.ts'
import { textOf } from './files.ts'

const compose = composeWith(filledExample())
const services = Object.entries(compose.services)
const without = (kept: (service: Service) => boolean): string[] =>
  services.filter(([, service]) => !kept(service)).map(([name]) => name)

/** Images that write their configuration into their own file system when they start. */
const WRITING = ['temporal', 'temporal-ui']
/** Images whose entrypoint begins as root, gives the data to its own user and becomes that user. */
const BECOMING = ['temporal-db', 'mongo']

describe('X7: a container that is taken over', () => {
  const reaches = (one: string, other: string): boolean =>
    serviceOf(compose, one).networks?.some((name) => serviceOf(compose, other).networks?.includes(name)) ??
    true

  it('has the networks it is given and no other', () => {
    expect(without(({ networks }) => networks !== undefined && networks.length > 0)).toEqual([])
    const used = new Set(services.flatMap(([, { networks = [] }]) => networks))
    expect([...used].toSorted()).toEqual(Object.keys(compose.networks).toSorted())
    expect(compose.networks['data']).toEqual({ internal: true })
  })

  it.each(['temporal', 'temporal-db', 'temporal-ui', 'mongo', 'codec'])(
    'does not reach %s from the PDS',
    (other) => {
      expect(reaches('pds', other)).toBe(false)
    },
  )

  it('does not reach Temporal from the codec, nor the databases from the UI', () => {
    expect(reaches('codec', 'temporal')).toBe(false)
    expect(reaches('temporal-ui', 'mongo')).toBe(false)
    expect(reaches('temporal', 'mongo')).toBe(false)
  })

  it.each([
    ['worker', 'temporal'],
    ['worker', 'mongo'],
    ['worker', 'pds'],
    ['server', 'temporal'],
    ['server', 'mongo'],
    ['codec', 'mongo'],
    ['schedules', 'temporal'],
    ['schedules', 'mongo'],
    ['mongo-setup', 'mongo'],
    ['temporal', 'temporal-db'],
    ['temporal-ui', 'temporal'],
  ])('%s still reaches %s', (one, other) => {
    expect(reaches(one, other)).toBe(true)
  })

  it('has no capability, can gain none, and leaves no core dump', () => {
    expect(without(({ cap_drop }) => cap_drop?.join() === 'ALL')).toEqual([])
    expect(without(({ cap_add }) => cap_add === undefined)).toEqual(BECOMING)
    expect(without(({ security_opt }) => security_opt?.includes('no-new-privileges:true') ?? false)).toEqual(
      [],
    )
    expect(without(({ ulimits }) => ulimits?.core === 0)).toEqual([])
  })

  it('changes no program, and takes no more memory than it has', () => {
    expect(without(({ read_only }) => read_only === true)).toEqual(WRITING)
    expect(without(({ mem_limit }) => /^\d+[mg]$/.test(mem_limit ?? ''))).toEqual([])
  })
})

describe('the secrets of a service', () => {
  const TENANT = 'auth0_aesthetic'
  const HELD: Readonly<Record<string, readonly string[]>> = {
    worker: [
      `${TENANT}_client_secret`,
      `${TENANT}_log_token`,
      'holdfast_alert_url',
      'holdfast_alert_webhook_secret',
      'holdfast_alert_webhook_url',
      'holdfast_id_key',
      'holdfast_key',
      'mongodb_uri',
      'pagerduty_routing_key',
      'pds_admin_password',
      'slack_webhook_url',
      'smtp_url',
      'temporal_api_key',
    ],
    server: [
      `${TENANT}_log_token`,
      'holdfast_alert_url',
      'holdfast_alert_webhook_secret',
      'holdfast_alert_webhook_url',
      'holdfast_id_key',
      'holdfast_key',
      'mongodb_uri',
      'pagerduty_routing_key',
      'slack_webhook_url',
      'smtp_url',
      'temporal_api_key',
    ],
    codec: ['holdfast_id_key', 'holdfast_key', 'holdfast_operator_token', 'mongodb_uri'],
    schedules: ['holdfast_id_key', 'holdfast_key', 'mongodb_uri', 'temporal_api_key'],
    temporal: ['temporal_db_password'],
    'temporal-schema': ['temporal_db_password'],
    'temporal-namespace': [],
    'temporal-ui': [],
    'temporal-db': ['temporal_db_password'],
    mongo: ['mongo_root_password'],
    'mongo-setup': ['mongo_root_password', 'mongodb_password'],
    pds: ['pds_admin_password', 'pds_email_smtp_url', 'pds_jwt_secret', 'pds_plc_rotation_key'],
  }

  it('are the files it uses and no other', () => {
    expect(services.map(([name]) => name).toSorted()).toEqual(Object.keys(HELD).toSorted())
    for (const [name, { secrets = [] }] of services) expect(secrets, name).toEqual(HELD[name])
  })

  it('are each read by a variable that ends in _FILE', () => {
    for (const [name, service] of services) {
      const read = Object.entries(environmentOf(service)).flatMap(([variable, value]) =>
        variable.endsWith('_FILE') ? value : [],
      )
      const mounted = (service.secrets ?? []).map((secret) => `/run/secrets/${secret}`)
      expect(read.toSorted(), name).toEqual(mounted)
    }
  })

  it('are no values of its environment', () => {
    const secret = /PASSWORD|PWD|SECRET|TOKEN|KEY|MONGODB_URI|SMTP_URL|ALERT_URL|WEBHOOK_URL/
    const values = services.flatMap(([name, service]) =>
      Object.keys(environmentOf(service))
        .filter((variable) => secret.test(variable) && !variable.endsWith('_FILE'))
        .map((variable) => `${name} ${variable}`),
    )
    expect(values).toEqual(['worker PDS_PASSWORD_STORAGE'])
    const written = exampleVariables().filter(({ name, optional }) => secret.test(name) && !optional)
    expect(written.map(({ name }) => name)).toEqual(['PDS_PASSWORD_STORAGE'])
  })

  it('are read by its own image, or by with-secrets.sh', () => {
    const itself = ['worker', 'server', 'codec', 'schedules', 'temporal-db', 'mongo', 'mongo-setup']
    const others = services.filter(([name, { secrets }]) => secrets && !itself.includes(name))
    expect(others.map(([name]) => name)).toEqual(['temporal', 'temporal-schema', 'pds'])
    for (const [name, { entrypoint, command, volumes }] of others) {
      expect((entrypoint ?? command)?.slice(0, 2), name).toEqual(['/bin/sh', '/deploy/with-secrets.sh'])
      expect(volumes, name).toContain('./deploy/with-secrets.sh:/deploy/with-secrets.sh:ro')
    }
  })

  it('are not the codec: the server that the world posts to has none', () => {
    expect(environmentOf(serviceOf(compose, 'server'))['HOLDFAST_CODEC']).toBe('off')
  })
})

describe("Holdfast's user of MongoDB", () => {
  it('is given the role of role.js, which setup.js loads, and no other', () => {
    const loaded: string[] = []
    const users: unknown[] = []
    const admin = {
      adminCommand: () => ({}),
      hello: () => ({ isWritablePrimary: true }),
      getUser: () => null,
      createUser: (user: unknown) => users.push(user),
    }
    const files: Record<string, string> = { '/root': 'r/\n', '/user': 'p\n' }
    const connected: string[] = []
    runInNewContext(textOf('deploy/mongo/setup.js'), {
      require: () => ({ readFileSync: (file: string) => files[file] }),
      process: {
        env: {
          MONGO_HOST: 'mongo',
          MONGO_ROOT_PASSWORD_FILE: '/root',
          MONGODB_DB: 'app',
          MONGODB_PASSWORD_FILE: '/user',
        },
      },
      connect: (uri: string) => {
        connected.push(uri)
        return admin
      },
      load: (file: string) => loaded.push(file),
      db: undefined,
    })
    expect(connected).toEqual(['mongodb://root:r%2F@mongo/admin?directConnection=true'])
    expect(loaded).toEqual(['/deploy/role.js'])
    expect(users).toEqual([{ user: 'holdfast', pwd: 'p', roles: [{ role: 'holdfast', db: 'app' }] }])
    expect(serviceOf(compose, 'mongo-setup').volumes?.join()).toContain('role.js:/deploy/role.js:ro')
  })
})
