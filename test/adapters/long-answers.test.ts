import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { createAuth0 } from '../../src/adapters/auth0/auth0.ts'
import { createAuth0RawClient } from '../../src/adapters/auth0/raw-client.ts'
import { AnswerTooLongError, boundedFetch } from '../../src/adapters/bounded-fetch.ts'
import { createPdsListing } from '../../src/adapters/pds/listing.ts'
import { createPlc } from '../../src/adapters/pds/plc.ts'
import { atEnd } from '../support/at-end.ts'

let url = ''
beforeAll(async () => {
  const chunk = Buffer.alloc(1024 * 1024, ' ')
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }) // in chunks: no content-length
    const more = (): void => {
      while (response.writable && response.write(chunk));
    }
    response.on('drain', more)
    more()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

const tenant = () => ({ domain: url, clientId: 'client', clientSecret: 'a-secret' })

describe('an answer without an end', () => {
  it.each<[string, string, () => Promise<unknown>]>([
    ['the PDS', 'pds-failing', () => createPdsListing({ url, adminPassword: 'admin' }).repos(null, 1)],
    ['the PLC directory', 'plc-unreachable', () => createPlc(url).rotationKeys('did:plc:a')],
    ['Auth0', 'auth0-unreachable', () => createAuth0(tenant()).person('auth0|1')],
    ['Auth0, asked plainly', 'auth0-unreachable', () => createAuth0RawClient(tenant()).token()],
  ])('of %s is cut, and is the problem %s', async (_, problem, call) => {
    const failed = await call().catch((error: unknown) => error)
    expect(failed).toMatchObject({ problem })
    expect(causes(failed).some((one) => one instanceof AnswerTooLongError)).toBe(true)
  })

  it('is measured by its bytes, and one of the very length is whole', async () => {
    const [cut, whole] = ['data:,abcd', 'data:,abc']
    await expect(boundedFetch(cut ?? '', {}, { longest: 3 })).rejects.toThrow(AnswerTooLongError)
    expect(await (await boundedFetch(whole ?? '', {}, { longest: 3 })).text()).toBe('abc')
  })
})

function causes(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : []
}
