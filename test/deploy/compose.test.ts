import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import { execa } from 'execa'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { loadAtprotoConfig, type AtprotoSection } from '../../src/config/atproto/sections.ts'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { PDS_TASK_QUEUE } from '../../src/contracts/atproto/workflows.ts'
import { MEMORY_FLAGS } from '../../dev/servers/holdfast-process.ts'
import { composeWith, environmentOf, serviceOf, type Service } from './compose.ts'
import { exampleVariables, filledEnvironment, filledExample, referencesIn } from './env-example.ts'
import { textOf } from './files.ts'
import { environmentIn, makeSecrets } from './secrets.ts'
import { isRead, isReadForSupabase, sectionsOf } from './sections.ts'

const require = createRequire(import.meta.url)
const compose = composeWith(filledExample())
const folder = makeSecrets()
afterAll(() => rmSync(dirname(folder), { recursive: true }))
const services = Object.entries(compose.services)
const named = (pick: (service: Service, name: string) => unknown[]): unknown[] =>
  services.flatMap(([name, service]) => pick(service, name).map((value) => [name, value]))

const OF_ATPROTO = exampleVariables()
  .map(({ name }) => name)
  .filter((name) => /^(?:AUTH0|PDS)_/.test(name))

/** Variables that commands also read, in the worker's container. */
const OF_THE_COMMAND: AtprotoSection[] = ['url', 'caller', 'requireOperator']
const ENTRIES = { worker: 'src/worker.ts', server: 'src/server.ts', codec: 'src/codec.ts' } as const

describe('docker-compose.yml', () => {
  const validate = composeSchema()

  it('keeps to the Compose specification', () => {
    validate(compose)
    expect(validate.errors).toBeNull()
  })

  it('would be refused with a key the specification does not know', () => {
    const { server } = compose.services
    expect(validate({ ...compose, services: { server: { ...server, helthcheck: {} } } })).toBe(false)
  })

  it('pins every image to one version, its own to that of the package', () => {
    for (const [name, { image }] of services)
      expect(image, name).toMatch(/^[a-z0-9./-]+:\d+(\.\d+){1,2}(-[a-z]+)?$/)
    for (const name of Object.keys(ENTRIES)) {
      expect(serviceOf(compose, name)).toMatchObject({ image: `holdfast:${packageJson.version}`, build: '.' })
    }
  })

  it('publishes nothing beyond this machine', () => {
    expect(named(({ ports = [] }) => ports.filter((port) => !port.startsWith('127.0.0.1:')))).toEqual([])
  })

  it('waits only for services that exist, and for health only where it is checked', () => {
    const broken = named(({ depends_on = {} }) =>
      Object.entries(depends_on).filter(([name, { condition }]) => {
        const other = compose.services[name]
        if (condition === 'service_completed_successfully') return !other?.restart?.startsWith('on-failure')
        return other?.healthcheck?.test === undefined
      }),
    )
    expect(broken).toEqual([])
  })

  it('gives every server an address that is a service of it', () => {
    const hosts = services.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).flatMap(([name, value]) => {
        if (['SQL_HOST', 'POSTGRES_SEEDS'].includes(name)) return String(value)
        if (['TEMPORAL_ADDRESS', 'MONGO_HOST'].includes(name)) return String(value).split(':')[0] ?? ''
        return name === 'PDS_URL' ? new URL(String(value)).hostname : []
      }),
    )
    hosts.push(new URL(readFileSync(join(folder, 'mongodb_uri'), 'utf8')).hostname)
    expect(new Set(hosts)).toEqual(new Set(['temporal', 'temporal-db', 'mongo', 'pds']))
    for (const host of hosts) expect(compose.services).toHaveProperty(host)
  })
})

describe('.env.example', () => {
  const all = exampleVariables().map(({ name }) => name)

  it('has every variable that docker-compose.yml refers to', () => {
    expect(referencesIn(textOf('docker-compose.yml')).filter((name) => !all.includes(name))).toEqual([])
  })

  it('has no variable that nobody reads', () => {
    const used = new Set([...referencesIn(textOf('docker-compose.yml')), 'COMPOSE_PROFILES'])
    const sections = [...Object.values(ENTRIES).flatMap(sectionsOf), ...OF_THE_COMMAND]
    const env = filledEnvironment()
    const ofSupabase = (name: string): boolean =>
      [...Object.values(ENTRIES), 'command'].some((entry) => isReadForSupabase(entry, env, name))
    expect(
      all.filter((name) => !used.has(name) && !isRead(sections, env, name) && !ofSupabase(name)),
    ).toEqual([])
  })

  it('has the same rate at the PDS as docker-compose.yml and the code', () => {
    const { PDS_STEPS_PER_SECOND: example, ...without } = filledEnvironment()
    const { PDS_STEPS_PER_SECOND: composed } = environmentOf(serviceOf(composeWith(without), 'worker'))
    const { stepsPerSecond } = loadAtprotoConfig(['pds'], without).pds
    expect([example, composed]).toEqual([String(stepsPerSecond), String(stepsPerSecond)])
  })

  it('names each variable once', () => {
    expect(all).toEqual([...new Set(all)])
  })

  it('leaves blank only what a process then asks for, or what may be blank', () => {
    const blank = exampleVariables().filter(({ value, optional }) => value === '' && !optional)
    expect(blank.map(({ name }) => name)).toEqual([
      'AUTH0_AESTHETIC_CLIENT_ID',
      'AUTH0_AESTHETIC_ID_PREFIX',
      'PDS_PASSWORD_STORAGE',
    ])
    for (const { name } of blank) {
      const withoutIt = { ...filledExample(), [name]: '' }
      const start = (): unknown =>
        Object.entries(ENTRIES).map(([service, entry]) =>
          loadAtprotoConfig(
            sectionsOf(entry),
            environmentIn(folder, serviceOf(composeWith(withoutIt), service)),
          ),
        )
      if (name === 'AUTH0_AESTHETIC_ID_PREFIX') expect(start, name).not.toThrow()
      else expect(start, name).toThrow(`${name} is missing`)
    }
  })
})

/** The files of secrets that may be empty: those of the channels of alerts, and the key of Temporal Cloud. */
const OPTIONAL = /^(HOLDFAST_ALERT_|SLACK_WEBHOOK_URL_FILE$|SMTP_URL_FILE$|PAGERDUTY_|TEMPORAL_API_KEY_FILE$)/

describe.each(Object.entries(ENTRIES))('the %s', (name, entry) => {
  const env = environmentIn(folder, serviceOf(compose, name))

  it('finds its whole configuration in what it is given', () => {
    expect(() => loadAtprotoConfig(sectionsOf(entry), env)).not.toThrow()
  })

  it('is given nothing that it does not read', () => {
    const sections = [...sectionsOf(entry), ...(name === 'worker' ? OF_THE_COMMAND : [])]
    const unread = Object.keys(env).filter((variable) => !isRead(sections, env, variable))
    expect(unread).toEqual([])
  })

  it('names each secret whose file is empty, but for those that may be', () => {
    const empty = join(folder, 'empty')
    writeFileSync(empty, '')
    for (const variable of Object.keys(env).filter((one) => one.endsWith('_FILE'))) {
      const start = () => loadAtprotoConfig(sectionsOf(entry), { ...env, [variable]: empty })
      const optional = OPTIONAL.test(variable)
      if (optional) expect(start, variable).not.toThrow()
      else expect(start, variable).toThrow(`${variable.replace(/_FILE$/, '')} is missing`)
    }
  })
})

describe('a command in the container of the worker', () => {
  it('has the role that HOLDFAST_OPERATORS gives the token it is run with', () => {
    const token = 'the token of ana'
    const hash = createHash('sha256').update(token).digest('hex')
    const variables = { ...filledExample(), HOLDFAST_OPERATORS: `ana:viewer:${hash}` }
    const env = environmentIn(folder, serviceOf(composeWith(variables), 'worker'))
    const caller = (given: Record<string, string>) =>
      loadAtprotoConfig(['caller'], { ...env, ...given }).caller
    expect(caller({ HOLDFAST_OPERATOR_TOKEN: token })).toEqual({ name: 'ana', role: 'viewer' })
    expect(() => caller({ HOLDFAST_OPERATOR_TOKEN: 'another token' })).toThrow('the token of an operator')
    expect(caller({})).toBeNull()
  })
})

describe('the profiles', () => {
  const ofSystems = services.filter(([, { profiles = [] }]) => profiles.length > 0)

  it('are those of systems, and what is served by default has its servers', () => {
    expect(ofSystems.map(([name, { profiles }]) => [name, profiles])).toEqual([
      ['mongo', ['atproto']],
      ['mongo-setup', ['atproto']],
      ['pds', ['atproto']],
    ])
    const { COMPOSE_PROFILES, HOLDFAST_SYSTEMS } = filledExample()
    expect(COMPOSE_PROFILES).toBe(HOLDFAST_SYSTEMS)
  })

  it('leave out no server that another service requires', () => {
    const names = ofSystems.map(([name]) => name)
    const needing = services
      .filter(([name]) => !names.includes(name))
      .flatMap(([, { depends_on: needed = {} }]) => Object.entries(needed))
      .filter(([name, { required = true }]) => names.includes(name) && required)
    expect(needing).toEqual([])
  })

  it('need no variable of their system to be set', () => {
    const blank = { ...filledExample(), ...Object.fromEntries(OF_ATPROTO.map((name) => [name, ''])) }
    expect(() => composeWith(blank)).not.toThrow()
  })
})

describe('memory', () => {
  it.each(['worker', 'server', 'codec'] as const)(
    'of the %s has its limits, the same however it is started',
    (name) => {
      const command = ['node', ...MEMORY_FLAGS[name], ENTRIES[name]]
      const image = /^CMD (\[.+\])$/m.exec(textOf('Dockerfile'))?.[1] ?? ''
      expect(serviceOf(compose, name).command ?? JSON.parse(image)).toEqual(command)
      expect(packageJson.scripts[name]).toBe(command.join(' '))
    },
  )
})

describe('the PDS', () => {
  const env = environmentOf(serviceOf(compose, 'pds'))

  it('is given only variables that a PDS reads', () => {
    const source = readFileSync(
      require.resolve('@atproto/pds').replace(/index\.js$/, 'config/env.js'),
      'utf8',
    )
    const unknown = Object.keys(env)
      .map((name) => name.replace(/_FILE$/, ''))
      .filter((name) => !['LOG_ENABLED', 'REQUIRED'].includes(name) && !source.includes(`'${name}'`))
    expect(unknown).toEqual([])
  })

  it('serves the handle domain, the admin and the address that the worker uses', () => {
    const worker = environmentOf(serviceOf(compose, 'worker'))
    expect(env['PDS_SERVICE_HANDLE_DOMAINS']).toBe(worker['PDS_HANDLE_DOMAIN'])
    expect(env['PDS_ADMIN_PASSWORD_FILE']).toBe(worker['PDS_ADMIN_PASSWORD_FILE'])
    const { port } = new URL(worker['PDS_URL'] ?? '')
    expect(serviceOf(compose, 'pds').ports).toEqual([`127.0.0.1:${port}:${port}`])
    expect(serviceOf(compose, 'pds').healthcheck?.test?.at(-1)).toBe(`http://127.0.0.1:${port}/xrpc/_health`)
  })
})

describe('Temporal', () => {
  it('registers the search attributes of the contracts, and waits for each', () => {
    const script = textOf('deploy/temporal/namespace.sh')
    const registered = [...script.matchAll(/^attribute (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type])
    expect(Object.fromEntries(registered)).toEqual(SEARCH_ATTRIBUTES)
    const awaited = [...script.matchAll(/(\w+) IS NULL/g)].map(([, name]) => name)
    expect(new Set(awaited)).toEqual(new Set(Object.keys(SEARCH_ATTRIBUTES)))
  })

  it("keeps the PDS's queue in one partition, and hands out tasks by priority", () => {
    const one = [{ value: 1, constraints: { taskQueueName: PDS_TASK_QUEUE } }]
    expect(parse(textOf('deploy/temporal/dynamic-config.yaml'))).toEqual({
      'matching.useNewMatcher': [{ value: true }],
      'matching.numTaskqueueReadPartitions': one,
      'matching.numTaskqueueWritePartitions': one,
    })
    const { volumes, environment } = serviceOf(compose, 'temporal')
    expect(volumes?.join()).toContain(`:${environment?.['DYNAMIC_CONFIG_FILE_PATH']}:ro`)
  })

  it('has its UI where TEMPORAL_UI_URL says', () => {
    const { port } = new URL(filledExample()['TEMPORAL_UI_URL'] ?? '')
    expect(serviceOf(compose, 'temporal-ui').ports).toEqual([`127.0.0.1:${port}:8080`])
  })

  it('uses one version for its server and its tools', () => {
    const versions = ['temporal', 'temporal-schema', 'temporal-namespace'].map(
      (name) => serviceOf(compose, name).image.split(':')[1],
    )
    expect(new Set(versions).size).toBe(1)
  })
})

/** The specification's own JSON schema, as a linter ships it; Ajv registers its draft under another address. */
function composeSchema() {
  const file = join(dirname(require.resolve('dclint/package.json')), 'schemas', 'compose.schema.json')
  const { $schema: _, ...schema } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  return new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema)
}

it('the schedules of every served system are applied, one after the other, and the first that fails ends it', async () => {
  const [shell = '', ...args] = serviceOf(composeWith({ ...filledExample() }), 'schedules').command ?? []
  const bin = mkdtempSync(join(tmpdir(), 'bin-'))
  const fails = join(bin, 'node')
  writeFileSync(fails, '#!/bin/sh\necho "$@"\ntest "$3" != broken\n', { mode: 0o755 })
  const run = (systems: string) =>
    execa(shell, args, {
      env: { PATH: `${bin}:/usr/bin:/bin`, HOLDFAST_SYSTEMS: systems },
      extendEnv: false,
      reject: false,
    })
  const line = (system: string): string => `src/starter.ts schedules ${system} apply`
  expect(await run('atproto,library')).toMatchObject({
    exitCode: 0,
    stdout: [line('atproto'), line('library')].join('\n'),
  })
  expect(await run('broken,library')).toMatchObject({ exitCode: 1, stdout: line('broken') })
  rmSync(bin, { recursive: true })
})
