import type { ServerType } from '@hono/node-server'
import { serve } from '@hono/node-server'
import type { AddressInfo } from 'node:net'
import { createAuth0App } from './app.ts'
import type { Faults } from './faults.ts'
import type { InProcessApi } from './in-process.ts'
import { createInProcessApi } from './in-process.ts'
import type { RateLimits } from './rate-limits.ts'
import type { Auth0Options } from './tenant.ts'
import { createTenant } from './tenant.ts'
import type { Log, LogStream, User } from './types.ts'
import type { App } from './web.ts'

/** One running tenant. The helpers do in process what the HTTP calls do, including logs and deliveries. */
export interface Auth0StandIn extends InProcessApi {
  readonly name: string
  readonly url: string
  readonly tenant: string
  readonly faults: Faults
  setRateLimits(limits: RateLimits): void
  /** The stored users, logs and streams, for tests to compare with. */
  user(userId: string): User | undefined
  users(): readonly User[]
  logs(): readonly Log[]
  streams(): readonly LogStream[]
  /** The state of a stream's deliveries; Auth0 itself has no API for that. */
  streamHealth(id: string): ReturnType<ReturnType<typeof createTenant>['health']>
  stop(): Promise<void>
}

function listen(app: App, port = 0): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, (info: AddressInfo) =>
      resolve({ server, port: info.port }),
    )
    server.once('error', reject)
  })
}

/** Starts the stand-in for one Auth0 tenant on 127.0.0.1. Rejects when the given port is taken. */
export async function startAuth0(options: Auth0Options): Promise<Auth0StandIn> {
  const tenant = createTenant(options)
  const app = createAuth0App(tenant)
  const { server, port } = await listen(app, options.port).catch(async (cause: unknown) => {
    await tenant.stop()
    throw cause
  })
  tenant.url = `http://127.0.0.1:${port}`

  return {
    name: `auth0-${options.tenant}`,
    url: tenant.url,
    tenant: options.tenant,
    faults: tenant.faults,
    ...createInProcessApi(tenant),
    setRateLimits: (limits) => tenant.limits.set(limits),
    user: (userId) => tenant.users.get(userId),
    users: () => [...tenant.users.all()],
    logs: () => [...tenant.logs.all()],
    streams: () => [...tenant.streams.values()],
    streamHealth: (id) => tenant.health(id),
    async stop() {
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        if ('closeAllConnections' in server) server.closeAllConnections()
      })
      await tenant.stop()
    },
  }
}
