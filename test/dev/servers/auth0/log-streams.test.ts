import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Auth0StandIn } from '../../../../dev/servers/auth0/server.ts'
import { api, eventually, receiver, sdk, start } from './support.ts'
import type { Receiver } from './support.ts'

const people = { type: 'category', name: 'auth.signup.success' } as const
const users = { type: 'category', name: 'user.success' } as const

const follow = (auth0: Auth0StandIn, target: Receiver, more: object = {}) =>
  auth0.createStream({
    type: 'http',
    filters: [people, users],
    sink: { httpEndpoint: target.url, httpAuthorization: 'log-token', ...more },
  })

const entries = z.array(
  z.object({ log_id: z.string(), data: z.looseObject({ type: z.string(), log_id: z.string() }) }),
)

test.each([
  ['JSONLINES', (body: string) => body.split('\n').map((line): unknown => JSON.parse(line))],
  ['JSONARRAY', (body: string): unknown => JSON.parse(body)],
  ['JSONOBJECT', (body: string): unknown => z.object({ logs: z.unknown() }).parse(JSON.parse(body)).logs],
] as const)('%s is delivered as one batch, with the token as it is', async (httpContentFormat, parse) => {
  const auth0 = await start()
  const target = await receiver()
  follow(auth0, target, { httpContentFormat })
  auth0.signUp({ email: 'ann@example.test', verified: true })
  auth0.createUser({ via: 'admin', email: 'bob@example.test' })
  await eventually(() => expect(target.received).toHaveLength(1))
  expect(target.received[0]).toMatchObject({ authorization: 'log-token', contentType: 'application/json' })
  const logs = entries.parse(parse(target.received[0]?.body ?? ''))
  expect(logs.map(({ data }) => data.type)).toEqual(['ss', 'sv'])
  expect(logs.every(({ log_id, data }) => data.log_id === log_id)).toBe(true)
})

test('no filters let everything through, and batches have a size', async () => {
  const auth0 = await start({ delivery: { batchSize: 2 } })
  const target = await receiver()
  auth0.createStream({ type: 'http', sink: { httpEndpoint: target.url } })
  for (const name of ['a', 'b', 'c']) auth0.createUser({ via: 'admin', email: `${name}@example.test` })
  await eventually(() => expect(target.types()).toEqual(['sapi', 'sapi', 'sapi']))
  expect(target.received).toHaveLength(2)
})

test('three tries, then an error, then the same again until it works', async () => {
  const auth0 = await start()
  const target = await receiver(500, 503, 500, 404)
  const { id } = follow(auth0, target)
  auth0.signUp({ email: 'ann@example.test' })
  await eventually(() => expect(auth0.streamHealth(id)).toMatchObject({ delivered: 1, pending: 0 }))
  expect(target.received).toHaveLength(5)
  expect(new Set(target.received.map(({ body }) => body)).size).toBe(1)
  expect(auth0.streamHealth(id)).toMatchObject({
    errors: 1,
    lastError: 'the target answered 404',
    failingSince: null,
  })
})

test('a target out of reach for seven days pauses the stream, and what it missed is not kept', async () => {
  let at = Date.UTC(2026, 0, 1)
  const auth0 = await start({ now: () => new Date(at) })
  const { id } = auth0.createStream({ type: 'http', sink: { httpEndpoint: 'http://127.0.0.1:1/hook' } })
  auth0.signUp({ email: 'ann@example.test' })
  await eventually(() => expect(auth0.streamHealth(id)?.failingSince).not.toBeNull())
  expect(auth0.streams()[0]?.status).toBe('active')
  at += 7 * 24 * 3_600_000
  await eventually(() => expect(auth0.streams()[0]?.status).toBe('paused'))
  expect(auth0.streamHealth(id)?.pending).toBe(0)
})

test('E5: a paused stream delivers nothing and keeps nothing for later', async () => {
  const auth0 = await start()
  const target = await receiver()
  const { id = '' } = await sdk(auth0).logStreams.create({
    type: 'http',
    filters: [people],
    sink: { httpEndpoint: target.url },
  })
  await sdk(auth0).logStreams.update(id, { status: 'paused' })
  auth0.signUp({ email: 'lost@example.test' })
  expect(await sdk(auth0).logStreams.update(id, { status: 'active' })).toMatchObject({ status: 'active' })
  auth0.signUp({ email: 'ann@example.test' })
  await eventually(() => expect(target.types()).toEqual(['ss']))
  expect(target.received[0]?.body).toContain('ann@example.test')
})

test('the SDK creates, lists, changes and deletes streams; only pausing is possible, a suspended one stays so', async () => {
  const auth0 = await start()
  const target = await receiver()
  const { logStreams } = sdk(auth0)
  const made = await logStreams.create({
    name: 'hook',
    type: 'http',
    filters: [users],
    sink: { httpEndpoint: target.url },
  })
  expect(made).toMatchObject({
    id: expect.stringMatching(/^lst_/),
    status: 'active',
    type: 'http',
    filters: [users],
  })
  const id = made.id ?? ''
  expect(await logStreams.list()).toEqual([made])
  expect(
    (await api(auth0, `/log-streams/${id}`, 'PATCH', { startFrom: '2026-01-01T00:00:00Z' })).status,
  ).toBe(400)
  expect((await api(auth0, `/log-streams/${id}`, 'PATCH', { status: 'suspended' })).status).toBe(400)
  auth0.setStreamStatus(id, 'suspended')
  expect(await logStreams.update(id, { status: 'active' })).toMatchObject({ status: 'suspended' })
  await logStreams.delete(id)
  await expect(logStreams.get(id)).rejects.toMatchObject({ statusCode: 404 })
})

test('startFrom replays what is kept since then', async () => {
  let at = new Date('2026-01-01T00:00:00Z')
  const auth0 = await start({ now: () => at })
  const target = await receiver()
  auth0.signUp({ email: 'early@example.test' })
  at = new Date('2026-01-02T00:00:00Z')
  auth0.signUp({ email: 'late@example.test' })
  auth0.createStream({ type: 'http', sink: { httpEndpoint: target.url }, startFrom: '2026-01-01T12:00:00Z' })
  await eventually(() => expect(target.types()).toEqual(['ss']))
  expect(target.received[0]?.body).toContain('late@example.test')
})

test.each([['mask', '*****'] as const, ['hash', 'ss'] as const])(
  'pii_config %s leaves no address, and the user id readable',
  async (method, kept) => {
    const auth0 = await start()
    const target = await receiver()
    auth0.createStream({
      type: 'http',
      pii_config: { log_fields: ['email'], method },
      sink: { httpEndpoint: target.url },
    })
    const id = auth0.signUp({ email: 'ann@example.test', verified: true })
    await eventually(() => expect(target.types()).toEqual(['ss', 'sv']))
    expect(target.received[0]?.body).not.toContain('ann@')
    expect(target.received[0]?.body).toContain(id)
    expect(target.received[0]?.body).toContain(kept)
  },
)

test('dropped logs never come, duplicates come twice, in one delivery or apart', async () => {
  const auth0 = await start()
  const target = await receiver()
  follow(auth0, target)
  auth0.faults.set({ drop: { count: 1, type: 'ss' }, duplicate: { count: 1, type: 'sv' } })
  const id = auth0.signUp({ email: 'ann@example.test', verified: true })
  await eventually(() => expect(target.types()).toEqual(['sv', 'sv']))
  expect(target.received).toHaveLength(1)
  auth0.faults.set({ duplicate: { count: 1, apart: true } })
  auth0.changeEmail(id, 'new@example.test')
  await eventually(() => expect(target.types()).toEqual(['sv', 'sv', 'sce', 'sce']))
  expect(target.received).toHaveLength(3)
})

test('E2: reordered logs come newest first, a delayed one is overtaken', async () => {
  const auth0 = await start()
  const target = await receiver()
  follow(auth0, target)
  auth0.faults.set({ reorder: { count: 3 } })
  const id = auth0.signUp({ email: 'ann@example.test', verified: true })
  auth0.changeEmail(id, 'new@example.test')
  await eventually(() => expect(target.types()).toEqual(['sce', 'sv', 'ss']))
  auth0.faults.set({ delay: { ms: 100, type: 'ss' } })
  auth0.signUp({ email: 'bob@example.test', verified: true })
  await eventually(() => expect(target.types().slice(3)).toEqual(['sv', 'ss']))
})

test('paused deliveries wait and then come', async () => {
  const auth0 = await start()
  const target = await receiver()
  const { id } = follow(auth0, target)
  auth0.faults.set({ pauseDeliveries: true })
  auth0.signUp({ email: 'ann@example.test' })
  expect(auth0.streamHealth(id)?.pending).toBe(1)
  expect(target.received).toEqual([])
  auth0.faults.clear()
  await eventually(() => expect(target.types()).toEqual(['ss']))
})

test('E3: a broken entry travels among good ones', async () => {
  const auth0 = await start()
  const target = await receiver()
  follow(auth0, target)
  follow(auth0, target, { httpContentFormat: 'JSONARRAY' })
  auth0.faults.set({ malformed: { count: 2 } })
  auth0.signUp({ email: 'ann@example.test', verified: true })
  await eventually(() => expect(target.received).toHaveLength(2))
  const [lines = '', array = ''] = target.received
    .map(({ body }) => body)
    .toSorted()
    .toReversed()
  const [first = '', second = '', third = ''] = lines.split('\n')
  expect([first, third].map((line) => z.looseObject({}).safeParse(JSON.parse(line)).success)).toEqual([
    true,
    true,
  ])
  expect(() => JSON.parse(second) as unknown).toThrow(SyntaxError)
  expect(JSON.parse(array)).toEqual([
    expect.anything(),
    { log_id: null, data: 'not a log' },
    expect.anything(),
  ])
})
