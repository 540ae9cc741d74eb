import { createServer, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { createHttpChannel } from '../../src/adapters/notify/channels/http.ts'
import { createAuth0RawClient } from '../../src/adapters/auth0/raw-client.ts'
import { createAuth0 } from '../../src/adapters/auth0/auth0.ts'
import { createPdsAgent } from '../../src/adapters/pds/agent.ts'
import { checkPdsHealth } from '../../src/adapters/pds/health.ts'
import { createPdsSetup } from '../../src/adapters/pds/setup.ts'
import { accountCount } from '../../src/checks/atproto/counts.ts'
import type { AlertMessage } from '../../src/contracts/alerts.ts'
import { atEnd } from '../support/at-end.ts'

const stolen: string[] = []
let redirecting = ''

async function serveOn(answer: (request: IncomingMessage) => Promise<{ status: number; location?: string }>) {
  const server = createServer((request, response) => {
    void answer(request).then(({ status, location }) =>
      response.writeHead(status, location === undefined ? {} : { location }).end(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(async () => {
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  const thief = await serveOn(async (request) => {
    stolen.push(`${request.url} ${await text(request)}`)
    return { status: 200 }
  })
  redirecting = await serveOn(async (request) => ({ status: 307, location: `${thief}${request.url}` }))
})

const tenant = () => ({ domain: redirecting, clientId: 'client', clientSecret: 'a-secret' })

describe('a redirect', () => {
  it.each<[string, () => Promise<unknown>]>([
    [
      'of the PDS',
      () =>
        createPdsAgent({ url: redirecting, adminPassword: 'admin' }, () => undefined).agent.login({
          identifier: 'ana@example.com',
          password: 'a-password',
        }),
    ],
    [
      'of the PDS, asked by check',
      () => createPdsSetup({ url: redirecting, adminPassword: 'admin' }).tryAdmin(),
    ],
    ['of the PDS, when its health is asked', () => checkPdsHealth(redirecting)],
    ['of the PDS, when its accounts are counted', () => accountCount(redirecting)],
    ['of Auth0', () => createAuth0(tenant()).person('auth0|1')],
    ['of Auth0, asked plainly', () => createAuth0RawClient(tenant()).token()],
    [
      'of an alert channel',
      () =>
        createHttpChannel(redirecting, 'docs').send([
          { id: '1', message: { name: 'no-worker' } as AlertMessage },
        ]),
    ],
  ])('%s is refused: nothing goes where it points', async (_, call) => {
    await expect(call()).rejects.toThrow()
    expect(stolen).toEqual([])
  })
})
