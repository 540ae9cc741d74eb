import { serve } from '@hono/node-server'
import { beforeAll, describe, expect, it } from 'vitest'
import type { StreamParams } from '../../../dev/servers/auth0/routes/log-streams.ts'
import type { LogStream } from '../../../dev/servers/auth0/types.ts'
import { atEnd } from '../../support/at-end.ts'
import { eventually } from '../../support/eventually.ts'
import { FORMATS } from '../../support/log-entries.ts'
import { address, expectComplete } from '../../support/people.ts'
import { openWebhook, type Webhook } from '../../support/webhook.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let webhook: Webhook
let endpoint = ''
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
  webhook = openWebhook(world)
  const { port, close } = await listen()
  endpoint = `http://127.0.0.1:${port}/webhooks/auth0/aesthetic`
  atEnd(close)
})

function listen(): Promise<{ port: number; close: () => Promise<void> }> {
  return new Promise((resolve) => {
    const server = serve({ fetch: webhook.app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve({ port, close: () => new Promise((closed) => void server.close(() => closed())) }),
    )
  })
}

function stream(sink: Partial<StreamParams['sink']> = {}): LogStream {
  const httpAuthorization = world.env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? ''
  return world.auth0.createStream({
    type: 'http',
    sink: { httpEndpoint: endpoint, httpAuthorization, ...sink },
  })
}

const drained = (id: string) =>
  eventually('everything is delivered', () => world.auth0.streamHealth(id)?.pending === 0)

describe.each(Object.keys(FORMATS) as (keyof typeof FORMATS)[])('E1 E2 E3: a log stream in %s', (format) => {
  it('that doubles, reorders and spoils what it delivers leaves everybody complete, once', async () => {
    const before = await webhook.quarantine.list(100)
    const { id } = stream({ httpContentFormat: format })
    world.auth0.faults.set({
      duplicate: { count: 3, apart: true },
      reorder: { count: 6 },
      malformed: { count: 1, raw: `{"broken":"${format}"}` },
    })
    const people = Array.from({ length: 3 }, () => {
      const email = address()
      return { email, identity: world.auth0.signUp({ email, verified: true }) }
    })
    await drained(id)
    world.auth0.faults.clear()
    for (const person of people) await expectComplete(world, person)
    expect(await webhook.quarantine.list(100)).toHaveLength(before.length + 1)
    expect(world.auth0.streamHealth(id)).toMatchObject({ errors: 0, lastError: null })
    world.auth0.setStreamStatus(id, 'paused')
  })
})

describe('E4: a log stream with another token', () => {
  it('is never let in', async () => {
    const { id } = stream({ httpAuthorization: 'another' })
    const email = address()
    const identity = world.auth0.signUp({ email, verified: true })
    await eventually('it has given up once', () => (world.auth0.streamHealth(id)?.errors ?? 0) > 0)
    expect(world.auth0.streamHealth(id)).toMatchObject({ delivered: 0, lastError: 'the target answered 401' })
    expect(await world.reader.status(world.idOf(identity))).toBeNull()
    world.auth0.setStreamStatus(id, 'paused')
  })
})

describe('a log stream that masks e-mails', () => {
  it('completes signups all the same', async () => {
    const sink = { httpEndpoint: endpoint, httpAuthorization: world.env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? '' }
    const { id } = world.auth0.createStream({
      type: 'http',
      sink,
      pii_config: { log_fields: ['email', 'username'], method: 'mask' },
    })
    const email = address()
    const identity = world.auth0.signUp({ email, verified: true })
    await drained(id)
    await expectComplete(world, { identity, email })
    world.auth0.setStreamStatus(id, 'paused')
  })
})
