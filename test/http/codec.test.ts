import { beforeAll, describe, expect, it } from 'vitest'
import type { Reveal } from '../../src/adapters/mongo/reveals.ts'
import { openWebhook, type Webhook } from '../support/webhook.ts'
import { openWorld, type World } from '../support/world.ts'

const UI = 'http://ui.example.com:8233'

let world: World
let deployed: Webhook
let local: Webhook
let bearer = {}
beforeAll(async () => {
  world = await openWorld({ env: { TEMPORAL_UI_URL: `${UI}/namespaces` } })
  deployed = openWebhook(world)
  local = openWebhook(world, { HOLDFAST_CODEC: 'open', HOST: '127.0.0.1' })
  bearer = { authorization: `Bearer ${world.env['HOLDFAST_OPERATOR_TOKEN']}` }
})

interface Wire {
  metadata: Record<string, string>
  data: string
}
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const plain = (value: unknown): Wire => ({
  metadata: { encoding: base64('json/plain') },
  data: base64(JSON.stringify(value)),
})
const jsonOf = ({ data }: Wire): unknown => JSON.parse(Buffer.from(data, 'base64').toString())

const ask = ({ app }: Webhook, what: string, payloads: unknown, headers: Record<string, string> = {}) =>
  app.request(`/codec/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ payloads }),
  })
const payloadsOf = async (answer: Response): Promise<Wire[]> =>
  ((await answer.json()) as { payloads: Wire[] }).payloads
const reveals = (): Promise<Reveal[]> =>
  world.db.collection<Reveal & { _id: string }>('holdfast_reveals').find().toArray()

const PERSONAL = { identity: 'samlp|acme|canary@example.com', tenant: 'aesthetic' }
const sealed = async (): Promise<Wire> => {
  const [first] = await payloadsOf(await ask(deployed, 'encode', [plain(PERSONAL)], bearer))
  if (first === undefined) throw new Error('nothing encoded')
  return first
}

describe('POST /codec', () => {
  it('seals what is personal in plain JSON and shows it again, each showing recorded', async () => {
    const wire = await sealed()
    expect(JSON.stringify(jsonOf(wire))).not.toContain('canary')
    expect(jsonOf(wire)).toMatchObject({ tenant: 'aesthetic' })
    const before = await reveals()
    const unsealed = plain({ stage: 'recording' })
    const shown = await payloadsOf(await ask(deployed, 'decode', [unsealed, wire], bearer))
    expect(shown).toEqual([unsealed, plain(PERSONAL)])
    const [record, ...more] = (await reveals()).slice(before.length)
    expect(more).toEqual([])
    expect(record).toMatchObject({
      kind: 'payload',
      keyIds: ['test'],
      count: 1,
      caller: 'codec endpoint, by token',
    })
    expect(JSON.stringify(record)).not.toContain('canary')
  })

  it('records nothing where nothing was sealed', async () => {
    const before = await reveals()
    await ask(deployed, 'decode', [plain({ stage: 'recording' })], bearer)
    expect(await reveals()).toEqual(before)
  })

  it('leaves what it cannot open as it is, beside what it can', async () => {
    const wire = await sealed()
    const spoilt = { ...wire, data: base64('{"hf:sealed":"hf1.other.AAAA.AAAA"}') }
    const shown = await payloadsOf(await ask(deployed, 'decode', [spoilt, wire], bearer))
    expect(shown).toEqual([spoilt, plain(PERSONAL)])
  })

  it.each([
    ['no token', {}],
    ['a wrong one', { authorization: 'Bearer something' }],
    ['a token without its scheme', { authorization: 'TOKEN' }],
  ])('refuses %s', async (_, headers: Record<string, string>) => {
    const token = world.env['HOLDFAST_OPERATOR_TOKEN'] ?? ''
    const given = Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, v.replace('TOKEN', token)]))
    for (const what of ['encode', 'decode'])
      expect((await ask(deployed, what, [plain(PERSONAL)], given)).status).toBe(401)
  })

  it('refuses a body that is none', async () => {
    expect((await ask(deployed, 'decode', [{ data: 'no base64!' }], bearer)).status).toBe(400)
    expect((await ask(deployed, 'decode', null, bearer)).status).toBe(400)
  })

  it('shows nothing that cannot be recorded', async () => {
    const wire = await sealed()
    const away = openWebhook(world, {
      MONGODB_URI: 'mongodb://127.0.0.1:1/?directConnection=true&serverSelectionTimeoutMS=200',
    })
    const answer = await ask(away, 'decode', [wire], bearer)
    expect(answer.status).toBe(503)
    expect(await answer.text()).not.toContain('canary')
  })
})

describe('a browser', () => {
  const preflight = (origin: string) =>
    deployed.app.request('/codec/decode', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-namespace',
      },
    })

  it("may ask from Temporal's UI, token and namespace in its headers", async () => {
    const { status, headers } = await preflight(UI)
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(UI)
    for (const name of ['authorization', 'content-type', 'x-namespace'])
      expect(headers.get('access-control-allow-headers')).toContain(name)
    const answer = await ask(deployed, 'decode', [await sealed()], { ...bearer, origin: UI })
    expect(answer.headers.get('access-control-allow-origin')).toBe(UI)
  })

  it('may not from any other page', async () => {
    const { headers } = await preflight('http://elsewhere.example.com')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  it('on the machine of npm start needs no token, and still has to be on the UI', async () => {
    const wire = await sealed()
    expect(await payloadsOf(await ask(local, 'decode', [wire], { origin: UI }))).toEqual([plain(PERSONAL)])
    const stranger = await ask(local, 'decode', [wire], { origin: 'http://elsewhere.example.com' })
    expect(stranger.status).toBe(403)
    expect(await stranger.text()).not.toContain('canary')
  })
})
