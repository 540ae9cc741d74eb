import { existsSync } from 'node:fs'
import { serve, type ServerType } from '@hono/node-server'
import { execa } from 'execa'
import getPort from 'get-port'
import { afterEach, describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { loadConfig } from '../../src/config.ts'
import { createApp } from '../../src/http/app.ts'
import { createLogger } from '../../src/logging.ts'
import { composeWith, serviceOf, type Service } from './compose.ts'
import { execForm, instruction, instructions, isSent } from './dockerfile.ts'
import { filledExample } from './env-example.ts'
import { fileOf, textOf } from './files.ts'

const compose = composeWith(filledExample())

describe('the image', () => {
  it('runs the Node that the project pins, which its engines allow', () => {
    const version = packageJson.devDependencies.node
    expect(instruction('FROM')).toBe(`node:${version}-bookworm-slim`)
    expect(packageJson.engines.node).toBe('>=24')
    expect(Number(version.split('.')[0])).toBeGreaterThanOrEqual(24)
  })

  it('copies what exists and what the build is sent', () => {
    const sources = instructions('COPY').flatMap((rest) => rest.split(' ').slice(0, -1))
    expect(sources).toContain('src')
    for (const source of sources) {
      expect(existsSync(fileOf(source)), source).toBe(true)
      expect(isSent(source), source).toBe(true)
    }
  })

  it('has the files of the tables in Postgres, as the published package has', () => {
    expect(instructions('COPY')).toContain('sql ./sql')
    expect(packageJson.files).toContain('sql')
  })

  it('is sent no secret, no embedded server and no modules of this machine', () => {
    for (const path of [
      '.env',
      'secrets/holdfast_key',
      '.holdfast/env',
      'node_modules',
      'dev/servers/mongo/mongo.ts',
      'dev/start.ts',
      '.git',
    ])
      expect(isSent(path), path).toBe(false)
    expect(isSent('src/server.ts')).toBe(true)
  })

  it('can be installed by npm ci: the lock file has the parts of every platform, not only of ours', () => {
    const { packages } = JSON.parse(textOf('package-lock.json')) as Lock
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    )
    expect(missing).toEqual([])
  })

  it('does not run as root', () => {
    expect(instruction('USER')).toBe('node')
  })

  it.each(['worker', 'server'])('starts the %s as node itself, so that signals reach it', (name) => {
    const command = serviceOf(compose, name).command ?? execForm(instruction('CMD'))
    expect([command[0], command.at(-1)]).toEqual(['node', `src/${name}.ts`])
    expect(isSent(`src/${name}.ts`) && existsSync(fileOf(`src/${name}.ts`))).toBe(true)
  })

  it('exposes the port the server listens on when PORT is not set, and compose follows PORT', () => {
    const { port } = loadConfig(['http'], {}).http
    expect(instruction('EXPOSE')).toBe(String(port))
    const published = (service: Service): string | undefined => service.ports?.[0]
    expect(published(serviceOf(compose, 'server'))).toBe(`127.0.0.1:${port}:${port}`)
    const elsewhere = serviceOf(composeWith({ ...filledExample(), PORT: '9000' }), 'server')
    expect(published(elsewhere)).toBe('127.0.0.1:9000:9000')
    expect(elsewhere.environment?.['PORT']).toBe('9000')
  })

  it('gives a worker that is told to stop more time than its steps take', () => {
    const [, grace] = /SHUTDOWN_GRACE = '(\d+)s'/.exec(textOf('src/worker/run.ts')) ?? []
    const stop = serviceOf(compose, 'worker').stop_grace_period
    expect(Number(stop?.replace(/s$/, ''))).toBeGreaterThan(Number(grace))
  })
})

describe("the image's health check", () => {
  let server: ServerType | undefined
  afterEach(() => server?.close())

  it('passes while the server serves, and fails when nobody listens', async () => {
    const port = await getPort()
    const [node, ...args] = execForm(instruction('HEALTHCHECK'))
    expect(node).toBe('node')
    const check = async (): Promise<number | undefined> =>
      (await execa(process.execPath, args, { env: { PORT: String(port) }, extendEnv: false, reject: false }))
        .exitCode

    expect(await check()).toBe(1)
    const listening = Promise.withResolvers<void>()
    server = serve({ fetch: aloneApp().fetch, port, hostname: '127.0.0.1' }, () => listening.resolve())
    await listening.promise
    expect(await check()).toBe(0)
  })

  it('is not asked of the worker, which listens to nobody', () => {
    expect(serviceOf(compose, 'worker').healthcheck).toEqual({ disable: true })
    expect(serviceOf(compose, 'server').healthcheck).toBeUndefined()
  })
})

describe('mounts', () => {
  it('are files of the checkout, or volumes that are declared', () => {
    const mounts = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes)
    expect(mounts.length).toBeGreaterThan(5)
    for (const mount of mounts) {
      const [source = ''] = mount.split(':')
      if (source.startsWith('./')) expect(existsSync(fileOf(source)), source).toBe(true)
      else expect(compose.volumes).toHaveProperty(source)
    }
  })

  it('hold what the services run', () => {
    for (const { entrypoint = [], volumes = [] } of Object.values(compose.services)) {
      for (const script of entrypoint.filter((part) => part.startsWith('/deploy/')))
        expect(volumes.join()).toContain(`:${script}:ro`)
    }
  })
})

interface Lock {
  readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Record<string, string> }>>
}

/** The real app without its dependencies: a health check only queries the process. */
function aloneApp() {
  const away = (): Promise<never> => Promise.reject(new Error('away'))
  const unused = (): never => {
    throw new Error('a health check opens nothing')
  }
  return createApp({
    logger: createLogger('test', 'silent'),
    sealed: {
      codec: { encode: away, decode: away, open: unused },
      actions: { begin: away, end: away },
      operator: { operators: [], codec: 'token' },
      hash: (identity) => identity,
      uiUrl: null,
    },
    addRoutes: () => {},
    ready: away,
  })
}
