import { serve } from '@hono/node-server'
import { ManagementClient } from 'auth0'
import { Hono } from 'hono'
import { onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { allScopes } from '../../../../dev/servers/auth0/access-token.ts'
import { startAuth0 } from '../../../../dev/servers/auth0/server.ts'
import type { Auth0StandIn } from '../../../../dev/servers/auth0/server.ts'
import type { Auth0Options } from '../../../../dev/servers/auth0/tenant.ts'
import { patience } from '../../../support/patience.ts'

export const client = { clientId: 'client-of-the-tests', clientSecret: 'secret-of-the-tests' }

/**
 * A stand-in that is stopped at the end of the test and whose client has every scope. Its deliveries have a back-off of
 * milliseconds.
 */
export async function start(options: Partial<Auth0Options> = {}): Promise<Auth0StandIn> {
  const delivery = { batchWindowMs: 10, backoffMs: 5, repeatMs: 10, ...options.delivery }
  const auth0 = await startAuth0({ tenant: 'aesthetic', ...client, scopes: allScopes, ...options, delivery })
  onTestFinished(() => auth0.stop())
  return auth0
}

/** The real SDK, which insists on https, redirected to the stand-in by its `fetch`. */
export function sdk(auth0: Auth0StandIn): ManagementClient {
  const toStandIn = (input: string | URL | Request, init?: RequestInit) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input)
    return fetch(`${auth0.url}${pathname}${search}`, init)
  }
  return new ManagementClient({ domain: 'tenant.example.test', ...client, maxRetries: 0, fetch: toStandIn })
}

const tokenAnswer = z.object({ access_token: z.string() })

/** A plain call of the Management API, without the SDK. */
export async function api(
  auth0: Auth0StandIn,
  path: string,
  method = 'GET',
  body?: unknown,
): Promise<Response> {
  const asked = {
    grant_type: 'client_credentials',
    client_id: client.clientId,
    client_secret: client.clientSecret,
  }
  const answer = await fetch(`${auth0.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(asked) })
  const { access_token } = tokenAnswer.parse(await answer.json())
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }
  return fetch(`${auth0.url}/api/v2${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

export const logsOf = z.array(
  z.looseObject({ log_id: z.string(), type: z.string(), user_id: z.string().optional() }),
)

export interface Received {
  authorization: string | undefined
  contentType: string | undefined
  body: string
}

export interface Receiver {
  url: string
  received: Received[]
  /** The codes of the logs received, from JSONLINES bodies, in order. */
  types(): string[]
  answers: number[]
}

const entry = z.object({ log_id: z.string(), data: z.looseObject({ type: z.string() }) })

/** A target for log streams. It replies with `answers` while there are any, then with 200. */
export async function receiver(...answers: number[]): Promise<Receiver> {
  const received: Received[] = []
  const app = new Hono()
  app.post('/hook', async (c) => {
    const body = await c.req.text()
    received.push({
      authorization: c.req.header('authorization'),
      contentType: c.req.header('content-type'),
      body,
    })
    return new Response(null, { status: answers.shift() ?? 200 })
  })
  const { port, server } = await new Promise<{ port: number; server: ReturnType<typeof serve> }>(
    (resolve) => {
      const listening = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (info) =>
        resolve({ port: info.port, server: listening }),
      )
    },
  )
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answers,
    types: () =>
      received.flatMap(({ body }) => body.split('\n').map((line) => entry.parse(JSON.parse(line)).data.type)),
  }
}

export const eventually = (check: () => void) =>
  vi.waitFor(check, { timeout: patience(10_000), interval: 10 })
