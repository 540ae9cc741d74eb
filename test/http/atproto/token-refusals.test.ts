import { beforeAll, describe, expect, it } from 'vitest'
import { createCursors } from '../../../src/state/mongo/cursors.ts'
import { recordTenantStart } from '../../../src/intake/atproto/tenant-start.ts'
import { entriesOf, entry, FORMATS } from '../../support/log-entries.ts'
import { newPerson } from '../../support/people.ts'
import { openWebhook, taken, type Webhook } from '../../support/webhook.ts'
import { openWorld, type World } from '../../support/world.ts'

const LIMIT = 8 * 1024 * 1024

let world: World
let webhook: Webhook
let token = ''
let atStart = 0
beforeAll(async () => {
  world = await openWorld()
  webhook = openWebhook(world)
  token = world.env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? ''
  // Called by each process when it starts.
  await recordTenantStart(createCursors(world.db, 'atproto'), [{ name: 'aesthetic' }])
  atStart = await all()
})

/** A request that records how much of its body was read, and sends no more than is requested. */
function streamed(
  chunks: readonly Uint8Array<ArrayBuffer>[],
  headers: Record<string, string>,
  path = 'aesthetic',
) {
  const rest = [...chunks]
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const next = rest.shift()
        if (next === undefined) controller.close()
        else controller.enqueue(next)
      },
    },
    { highWaterMark: 0 },
  )
  const request = new Request(`http://webhook.example.test/webhooks/auth0/${path}`, {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  })
  return { request, asked: () => chunks.length - rest.length }
}

const all = async (): Promise<number> => {
  const counts = await Promise.all(
    (await world.db.listCollections().toArray()).map(({ name }) =>
      world.db.collection(name).countDocuments(),
    ),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}
/** The documents that resulted from requests. */
const stored = async (): Promise<number> => (await all()) - atStart

describe('E4: a caller who is not let in', () => {
  it.each([
    ['without a token', () => ({})],
    ['with an empty token', () => ({ authorization: '' })],
    ['with another token', () => ({ authorization: 'somebody else' })],
    ['with a truncated token', () => ({ authorization: token.slice(0, -1) })],
    ['with more than the token', () => ({ authorization: `${token}x` })],
    ['with the token behind a word', () => ({ authorization: `Bearer ${token}` })],
    ['with the token in other letters', () => ({ authorization: token.toUpperCase() })],
    ['with the token in another header', () => ({ 'x-authorization': token })],
  ])('%s is refused before the body is read, and nothing of it is kept', async (_, headers) => {
    const { identity } = await newPerson(world, { verified: false })
    const batch = [...entriesOf(world, identity), entry({ type: 'ss' }), 'malformed']
    const { request, asked } = streamed([new TextEncoder().encode(FORMATS.JSONARRAY(batch))], headers())
    const answer = await webhook.app.fetch(request)
    expect(answer.status).toBe(401)
    expect(request.bodyUsed).toBe(false)
    expect(asked()).toBe(0)
    expect(await stored()).toBe(0)
    expect(await world.reader.status(world.idOf(identity))).toBeNull()
  })

  it('learns nothing of the size it may send', async () => {
    const { request, asked } = streamed([new Uint8Array(16)], { 'content-length': String(LIMIT + 1) })
    expect((await webhook.app.fetch(request)).status).toBe(401)
    expect(asked()).toBe(0)
  })

  it.each(['unheard-of', 'AESTHETIC', 'aesthetic%00', '%E0%A4%A'])(
    'at the tenant %s is told that there is none, and its body stays unread',
    async (tenant) => {
      const { request, asked } = streamed([new Uint8Array(16)], { authorization: token }, tenant)
      expect((await webhook.app.fetch(request)).status).toBe(404)
      expect(asked()).toBe(0)
    },
  )

  it('who asks in another way than by POST gets nothing', async () => {
    const path = '/webhooks/auth0/aesthetic'
    expect((await webhook.app.request(path, { headers: { authorization: token } })).status).toBe(404)
    expect(
      (await webhook.app.request(path, { method: 'PUT', headers: { authorization: token } })).status,
    ).toBe(404)
  })
})

describe('E4: a body over 8 MiB', () => {
  const chunks = (bytes: number): Uint8Array<ArrayBuffer>[] => {
    const whole = new Uint8Array(bytes).fill(32)
    whole.set(new TextEncoder().encode('['))
    whole.set(new TextEncoder().encode(']'), bytes - 1)
    const size = 1024 * 1024
    return Array.from({ length: Math.ceil(bytes / size) }, (_, index) =>
      whole.subarray(index * size, (index + 1) * size),
    )
  }
  const allowed = () => ({ authorization: token })

  it('is refused by its announced length, unread', async () => {
    const headers = { ...allowed(), 'content-length': String(LIMIT + 1) }
    const { request, asked } = streamed(chunks(LIMIT + 1), headers)
    expect((await webhook.app.fetch(request)).status).toBe(413)
    expect(asked()).toBe(0)
  })

  it('is refused when it announces no length, read no further than the limit', async () => {
    const { request, asked } = streamed(chunks(LIMIT * 2), allowed())
    expect((await webhook.app.fetch(request)).status).toBe(413)
    expect(asked()).toBeLessThanOrEqual(9)
  })

  it('is refused one byte over, and taken at the limit', async () => {
    expect((await webhook.app.fetch(streamed(chunks(LIMIT + 1), allowed()).request)).status).toBe(413)
    const atLimit = await webhook.app.fetch(streamed(chunks(LIMIT), allowed()).request)
    expect({ status: atLimit.status, body: await atLimit.json() }).toEqual(taken(0))
  })
})

describe('E4: a body that cannot be decoded', () => {
  it.each([
    ['empty', ''],
    ['blank', ' \n\t '],
    ['text', 'hello'],
    ['a form', 'log_id=1&type=ss'],
    ['XML', '<log type="ss"/>'],
    ['JSON that breaks off', '[{"log_id":"1","data":{"type":"ss"'],
    ['lines that all break off', '{"log_id":\n{"log_id":'],
    ['not UTF-8', new Uint8Array([0x5b, 0xff, 0xfe, 0x5d])],
    ['cut within a letter', new Uint8Array([0x22, 0xc3])],
    ['JSON but for one byte', new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d])],
  ])('as it is %s is answered 400, and nothing is kept', async (_, body) => {
    expect((await webhook.deliver(body)).status).toBe(400)
    expect(await stored()).toBe(0)
  })
})
