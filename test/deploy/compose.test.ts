import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import packageJson from '../../package.json' with { type: 'json' }
import { loadConfig, type Section } from '../../src/config.ts'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { PDS_TASK_QUEUE } from '../../src/contracts/systems.ts'
import { MEMORY_FLAGS } from '../../src/embedded/holdfast-process.ts'
import { composeWith, environmentOf, rawCompose, serviceOf, type Service } from './compose.ts'
import { exampleVariables, filledExample, referencesIn } from './env-example.ts'
import { textOf } from './files.ts'
import { isRead, sectionsOf } from './sections.ts'

const require = createRequire(import.meta.url)
const compose = composeWith(filledExample())
const services = Object.entries(compose.services)
const named = (pick: (service: Service, name: string) => unknown[]): unknown[] =>
  services.flatMap(([name, service]) => pick(service, name).map((value) => [name, value]))

/** What `holdfast check` reads besides, in the worker's container. */
const OF_THE_COMMAND: Section[] = ['url']
const ENTRIES = { worker: 'src/worker.ts', server: 'src/server.ts' } as const

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
        return ['PDS_URL', 'MONGODB_URI'].includes(name) ? new URL(String(value)).hostname : []
      }),
    )
    expect(new Set(hosts)).toEqual(new Set(['temporal', 'temporal-db', 'mongo', 'pds']))
    for (const host of hosts) expect(compose.services).toHaveProperty(host)
  })

  it('takes every secret from .env, and insists on it', () => {
    const secrets = Object.entries(rawCompose().services).flatMap(([service, { environment = {} }]) =>
      Object.entries(environment)
        .filter(([name]) => /PASSWORD$|PWD$|SECRET|TOKEN|KEY/.test(name))
        .map(([name, value]) => [`${service} ${name}`, value]),
    )
    expect(secrets.length).toBeGreaterThan(10)
    for (const [name, value] of secrets) expect(value, String(name)).toMatch(/^\$\{[A-Z0-9_]+:\?[^}]+\}$/)
  })
})

describe('.env.example', () => {
  const all = exampleVariables().map(({ name }) => name)

  it('has every variable that docker-compose.yml refers to', () => {
    expect(referencesIn(textOf('docker-compose.yml')).filter((name) => !all.includes(name))).toEqual([])
  })

  it('has no variable that nobody reads', () => {
    const used = new Set(referencesIn(textOf('docker-compose.yml') + textOf('.env.example')))
    const sections = [...Object.values(ENTRIES).flatMap(sectionsOf), ...OF_THE_COMMAND]
    const env = filledExample()
    expect(all.filter((name) => !used.has(name) && !isRead(sections, env, name))).toEqual([])
  })

  it('names each variable once', () => {
    expect(all).toEqual([...new Set(all)])
  })

  it('leaves blank only what docker compose then asks for, or what may be blank', () => {
    const blank = exampleVariables().filter(({ value, optional }) => value === '' && !optional)
    expect(blank.length).toBeGreaterThan(10)
    for (const { name } of blank) {
      const withoutIt = { ...filledExample(), [name]: '' }
      const start = (): unknown =>
        Object.entries(ENTRIES).map(([service, entry]) =>
          loadConfig(sectionsOf(entry), environmentOf(serviceOf(composeWith(withoutIt), service))),
        )
      if (name === 'AUTH0_AESTHETIC_ID_PREFIX') expect(start, name).not.toThrow()
      else expect(start, name).toThrow(`${name} is blank`)
    }
  })
})

describe.each(Object.entries(ENTRIES))('the %s', (name, entry) => {
  const env = environmentOf(serviceOf(compose, name))

  it('finds its whole configuration in what it is given', () => {
    expect(() => loadConfig(sectionsOf(entry), env)).not.toThrow()
  })

  it('is given nothing that it does not read', () => {
    const sections = [...sectionsOf(entry), ...(name === 'worker' ? OF_THE_COMMAND : [])]
    const unread = Object.keys(env).filter((variable) => !isRead(sections, env, variable))
    expect(unread).toEqual([])
  })
})

describe('memory', () => {
  it.each(['worker', 'server'] as const)(
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
    const unknown = Object.keys(env).filter((name) => name !== 'LOG_ENABLED' && !source.includes(`'${name}'`))
    expect(unknown).toEqual([])
  })

  it('serves the handle domain, the admin and the address that the worker uses', () => {
    const worker = environmentOf(serviceOf(compose, 'worker'))
    expect(env['PDS_SERVICE_HANDLE_DOMAINS']).toBe(worker['PDS_HANDLE_DOMAIN'])
    expect(env['PDS_ADMIN_PASSWORD']).toBe(worker['PDS_ADMIN_PASSWORD'])
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

/** The specification's own JSON schema, as a linter ships it; Ajv knows its draft by another address. */
function composeSchema() {
  const file = join(dirname(require.resolve('dclint/package.json')), 'schemas', 'compose.schema.json')
  const { $schema: _, ...schema } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  return new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema)
}
